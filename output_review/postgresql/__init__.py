"""PostgreSQL as the review's database: Django's own backend, with one writer at a time as in SQLite."""
