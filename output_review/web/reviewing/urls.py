"""Addresses of the reviewer's pages."""

from __future__ import annotations

from django.urls import path

from output_review.web.reviewing.queue import queue
from output_review.web.reviewing.request import request_page

urlpatterns = [
    path("queue", queue, name="queue"),
    path("requests/<int:number>/", request_page, name="request"),
]
