"""The tests of what is returned and answered, once more on PostgreSQL."""

from tests.output_review.test_returning import *  # noqa: F403
