"""What can be done about a failing table: suppression and merging, offered as remedies."""
