"""The tests of the queue, once more on PostgreSQL."""

from tests.output_review.web.test_queue import *  # noqa: F403
