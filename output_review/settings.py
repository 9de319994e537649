"""Django's settings: an object-relational mapper on SQLite, and nothing of the web yet.

`open_database` sets the file before Django starts. Until then the database is in memory, so that importing this
module touches nothing.
"""

from __future__ import annotations

INSTALLED_APPS = ["output_review"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
        "OPTIONS": {
            # A writer takes the lock when it begins: two that read first and write later would have one fail.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
SECRET_KEY = None  # nothing is signed with it: no sessions, no cookies
LOGGING_CONFIG = None
