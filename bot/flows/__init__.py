"""One conversation per file: each declares FLOW."""
