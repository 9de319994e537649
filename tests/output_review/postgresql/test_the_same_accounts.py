"""The tests of accounts, once more on PostgreSQL."""

from tests.output_review.web.test_accounts import *  # noqa: F403
