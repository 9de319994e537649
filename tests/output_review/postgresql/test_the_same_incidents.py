"""The tests of incidents and review rules, once more on PostgreSQL."""

from tests.output_review.test_incidents import *  # noqa: F403
