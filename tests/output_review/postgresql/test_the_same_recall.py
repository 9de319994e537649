"""The tests of what is recalled, once more on PostgreSQL."""

from tests.output_review.test_recall import *  # noqa: F403
