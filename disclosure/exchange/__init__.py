"""The versioned documents in which the workspace and the control zone meet, and how their bytes are spelt."""
