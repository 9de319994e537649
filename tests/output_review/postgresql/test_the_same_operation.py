"""The tests of health, numbers and figures, once more on PostgreSQL."""

from tests.output_review.web.test_operation import *  # noqa: F403
