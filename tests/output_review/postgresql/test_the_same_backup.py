"""The tests of backup and restore, once more on PostgreSQL."""

from tests.output_review.test_backup import *  # noqa: F403
