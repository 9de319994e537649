"""The tests of the command line, once more on PostgreSQL."""

from tests.output_review.test_commands import *  # noqa: F403
