"""The addresses of the review application; each section lists its own."""

from __future__ import annotations

from django.urls import include, path

from output_review.web.front import front

urlpatterns = [
    path("", front, name="front"),
    path("", include("output_review.web.accounts.urls")),
    path("", include("output_review.web.reviewing.urls")),
    path("own/", include("output_review.web.own.urls")),
    path("", include("output_review.web.office.urls")),
]

handler400 = "output_review.web.errors.bad_request"
handler403 = "output_review.web.errors.refused"
handler404 = "output_review.web.errors.not_found"
handler500 = "output_review.web.errors.broken"
