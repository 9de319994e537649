"""Addresses of logging in and of the own account."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

urlpatterns = [
    path("login", LoginView.as_view(template_name="review/login.html"), name="login"),
    path("logout", LogoutView.as_view(next_page="login"), name="logout"),
]
