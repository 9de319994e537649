"""The offline verifier: `verifier.py` works alone when that one file is copied."""
