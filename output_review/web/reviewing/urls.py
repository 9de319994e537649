"""Addresses of the reviewer's pages. Who was shown "output" has opened that output."""

from __future__ import annotations

from django.urls import path

from output_review.web.reviewing import deciding
from output_review.web.reviewing.output import file, output, output_waiting, rows
from output_review.web.reviewing.queue import queue
from output_review.web.reviewing.request import code, finish, history, request_page

_REQUEST = "requests/<int:number>"
_OUTPUT = f"{_REQUEST}/outputs/<slug:output>"

urlpatterns = [
    path("queue", queue, name="queue"),
    path(f"{_REQUEST}/", request_page, name="request"),
    path(f"{_REQUEST}/code", code, name="code"),
    path(f"{_REQUEST}/history", history, name="history"),
    path(f"{_REQUEST}/finish", finish, name="finish"),
    path(f"{_OUTPUT}/", output, name="output"),
    path(f"{_OUTPUT}/waiting", output_waiting, name="output-waiting"),
    path(f"{_OUTPUT}/rows", rows, name="output-rows"),
    path(f"{_OUTPUT}/files/<str:file>", file, name="output-file"),
    path(f"{_OUTPUT}/vote", deciding.vote_on, name="vote"),
    path(f"{_OUTPUT}/resolve", deciding.resolve_on, name="resolve"),
    path(f"{_OUTPUT}/comment", deciding.comment_on, name="comment"),
    path(f"{_REQUEST}/comment", deciding.comment_on_request, name="comment-on-request"),
    path(f"{_REQUEST}/approve-opened", deciding.approve_opened, name="approve-opened"),
    path(f"{_REQUEST}/claim", deciding.claim, name="claim"),
    path(f"{_REQUEST}/hand-over", deciding.hand_over, name="hand-over"),
    path(f"{_REQUEST}/return", deciding.give_back, name="return"),
    path(f"{_REQUEST}/reject", deciding.reject, name="reject"),
    path(f"{_REQUEST}/recall", deciding.recall, name="recall"),
]
