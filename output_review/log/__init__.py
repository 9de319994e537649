"""The log: what has happened, append-only and hash-chained, with signed heads."""
