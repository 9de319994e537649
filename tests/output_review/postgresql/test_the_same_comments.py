"""The tests of comments, once more on PostgreSQL."""

from tests.output_review.test_comments import *  # noqa: F403
