"""The tests of the path from outbox to package, once more on PostgreSQL."""

from tests.output_review.test_release_path import *  # noqa: F403

# These take a second camp beside the first, with a database file of its own, or the triggers of SQLite away.
del test_a_camp_opens_only_with_a_root_key_that_the_site_trusts  # noqa: F821
del test_a_camp_remembers_what_the_ledger_held_before_it_was_opened  # noqa: F821
del test_a_changed_log_entry_is_named_by_the_audit_and_the_database_refuses_to_change_one  # noqa: F821
