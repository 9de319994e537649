"""The tests of who may open which page, once more on PostgreSQL."""

from tests.output_review.web.test_rights import *  # noqa: F403
