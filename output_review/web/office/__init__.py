"""Pages of the organiser and the auditor, figures about the work, health and metrics."""
