"""Addresses of a researcher's own requests."""

from __future__ import annotations

from django.urls import path

from output_review.web.own.requests import own_requests

urlpatterns = [path("requests", own_requests, name="own-requests")]
