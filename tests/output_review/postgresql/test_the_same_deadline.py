"""The tests of the deadline, once more on PostgreSQL."""

from tests.output_review.test_deadline import *  # noqa: F403
