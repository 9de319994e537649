"""Keys, envelopes, and the documents that are signed: sign-off and camp manifest."""
