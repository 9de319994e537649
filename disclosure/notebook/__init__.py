"""What a researcher imports and sees."""
