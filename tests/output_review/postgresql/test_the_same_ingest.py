"""The tests of ingest, once more on PostgreSQL."""

from tests.output_review.test_ingest import *  # noqa: F403
