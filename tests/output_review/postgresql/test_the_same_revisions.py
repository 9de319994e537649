"""The tests of revisions, once more on PostgreSQL."""

from tests.output_review.test_revisions import *  # noqa: F403
