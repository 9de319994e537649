"""The tests of claims, once more on PostgreSQL."""

from tests.output_review.test_claims import *  # noqa: F403
