"""The content store: bytes addressed by their SHA-256 digest."""
