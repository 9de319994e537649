"""The test of a killed worker, once more on PostgreSQL."""

from tests.output_review.test_killed_work import *  # noqa: F403
