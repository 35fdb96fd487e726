"""The demo: a local Bot API server, its page of phones, and the cast."""
