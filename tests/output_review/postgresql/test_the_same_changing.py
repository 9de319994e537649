"""The tests of who takes part, once more on PostgreSQL."""

from tests.output_review.test_changing import *  # noqa: F403

# This restores a backup beside the camp that made it, as the tests of backups do with a database to spare.
del test_people_come_in_and_go_and_what_was_released_stays_also_in_a_backup  # noqa: F821
