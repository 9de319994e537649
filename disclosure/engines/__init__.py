"""Adapters to libraries: the only place where Ibis, DuckDB and sqlglot are imported. The map is `docs/engines.md`."""
