"""The tests of closing, once more on PostgreSQL."""

from dataclasses import replace
from pathlib import Path

from disclosure.exchange.databases import database_of
from output_review.services.closing import never_opened
from tests.output_review.test_closing import *  # noqa: F403
from tests.output_review.zone_camp import ZoneCamp

# These take the file of the database away with the folder that it lies in.
del test_a_camp_without_a_review_in_which_something_was_handed_in_is_not_closed  # noqa: F821
del test_a_camp_of_which_the_opening_failed_is_closed_as_one_that_was_never_opened  # noqa: F821


def test_a_camp_of_which_the_server_has_nothing_was_never_opened(zone_camp: ZoneCamp, tmp_path: Path) -> None:
    assert not never_opened(zone_camp.camp)
    assert not never_opened(replace(zone_camp.camp, folder=tmp_path / "elsewhere"))
    assert zone_camp.spare is not None
    spare = database_of(zone_camp.spare())
    assert never_opened(replace(zone_camp.camp, folder=tmp_path / "elsewhere", database=spare))
