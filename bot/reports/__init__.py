"""One document per file."""
