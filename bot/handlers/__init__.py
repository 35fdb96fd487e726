"""One command per file: each declares COMMAND."""
