"""Addresses of the organiser's and the auditor's pages, and of what machines ask."""

from __future__ import annotations

from django.urls import path

from output_review.web.office.auditor import audit, audit_log, audit_proof, audit_reads
from output_review.web.office.figures import figures, figures_json
from output_review.web.office.health import health, operation
from output_review.web.office.metrics import metrics
from output_review.web.office.organiser import organiser

urlpatterns = [
    path("organiser", organiser, name="organiser"),
    path("audit", audit, name="audit"),
    path("audit/log", audit_log, name="audit-log"),
    path("audit/reads", audit_reads, name="audit-reads"),
    path("audit/proof", audit_proof, name="audit-proof"),
    path("health", health, name="health"),
    path("operation", operation, name="operation"),
    path("figures", figures, name="figures"),
    path("figures.json", figures_json, name="figures-json"),
    path("metrics", metrics, name="metrics"),
]
