"""The tests of dissent, once more on PostgreSQL."""

from tests.output_review.test_dissent import *  # noqa: F403
