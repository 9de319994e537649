"""The tests of migrations, once more on PostgreSQL."""

from tests.output_review.test_migrations import *  # noqa: F403
