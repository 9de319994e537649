"""The tests of what comes from another program, once more on PostgreSQL."""

from tests.output_review.test_foreign import *  # noqa: F403
