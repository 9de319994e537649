"""Adapters to libraries: the only place where Ibis, DuckDB and sqlglot are imported."""
