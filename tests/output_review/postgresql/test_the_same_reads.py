"""The tests of what is written down about who read what, once more on PostgreSQL."""

from tests.output_review.web.test_written_down import *  # noqa: F403
