"""The tests of jobs, once more on PostgreSQL."""

from tests.output_review.test_jobs import *  # noqa: F403
