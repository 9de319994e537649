"""Screening of what was made without us: text that people write, and the outputs of executed notebooks."""
