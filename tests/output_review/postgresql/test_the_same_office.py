"""The tests of the organiser's and the auditor's pages, once more on PostgreSQL."""

from tests.output_review.web.test_office import *  # noqa: F403
