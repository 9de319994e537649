"""The nouns of the check: frozen, validated values without a framework. See docs/how-it-works.md for the picture."""
