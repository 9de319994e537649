"""Addresses of the organiser's and the auditor's pages, and of what machines ask."""

from __future__ import annotations

from django.urls import path

from output_review.web.office.health import health
from output_review.web.office.organiser import organiser

urlpatterns = [
    path("organiser", organiser, name="organiser"),
    path("health", health, name="health"),
]
