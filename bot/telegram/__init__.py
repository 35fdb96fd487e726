"""The Telegram channel: the only importer of `telegram`."""
