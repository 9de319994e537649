"""What was ever released, per data set, owned by the office and outliving the camp."""
