"""The tests of the light lane, once more on PostgreSQL."""

from tests.output_review.test_light_lane import *  # noqa: F403
