"""The history of the review database's tables."""
