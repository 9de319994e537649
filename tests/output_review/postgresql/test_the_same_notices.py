"""The tests of messages, once more on PostgreSQL."""

from tests.output_review.test_notices import *  # noqa: F403
