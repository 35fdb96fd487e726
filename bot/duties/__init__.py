"""One rule per file: what is owed, by whom, by when, and the ladder of nudges."""
