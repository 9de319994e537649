"""Addresses of a researcher's own requests."""

from __future__ import annotations

from django.urls import path

from output_review.web.own.deeds import own_answer, own_withdraw
from output_review.web.own.requests import own_request, own_requests

urlpatterns = [
    path("requests", own_requests, name="own-requests"),
    path("requests/<int:number>", own_request, name="own-request"),
    path("requests/<int:number>/answer", own_answer, name="own-answer"),
    path("requests/<int:number>/withdraw", own_withdraw, name="own-withdraw"),
]
