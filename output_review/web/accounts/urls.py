"""Addresses of logging in and of the own account."""

from __future__ import annotations

from django.urls import path

from output_review.web.accounts.joining import join_with_code, picture, second_factor
from output_review.web.accounts.login import choose_language, log_in, log_out
from output_review.web.accounts.own import account, change_password, log_out_everywhere
from output_review.web.accounts.single_sign_on import Callback, Start

urlpatterns = [
    path("login", log_in, name="login"),
    path("logout", log_out, name="logout"),
    path("language", choose_language, name="language"),
    path("join", join_with_code, name="join"),
    path("join/second-factor", second_factor, name="join-second-factor"),
    path("join/picture.svg", picture, name="join-picture"),
    path("sign-on", Start.as_view(), name="sign-on"),
    path("sign-on/callback", Callback.as_view(), name="sign-on-callback"),
    path("account", account, name="account"),
    path("account/password", change_password, name="account-password"),
    path("account/log-out-everywhere", log_out_everywhere, name="log-out-everywhere"),
]
