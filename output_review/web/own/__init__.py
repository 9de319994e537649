"""A researcher's own requests."""
