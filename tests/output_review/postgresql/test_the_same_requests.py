"""The tests of the page of a request, once more on PostgreSQL."""

from tests.output_review.web.test_request import *  # noqa: F403
