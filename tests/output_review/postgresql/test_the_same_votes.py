"""The tests of votes, once more on PostgreSQL."""

from tests.output_review.test_votes import *  # noqa: F403
