"""Whether the application answers, for a proxy or a monitor; it says nothing else."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse


def health(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - a view
    """Say that it does."""
    return JsonResponse({"status": "ok"})
