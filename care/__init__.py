"""The programme itself: people, records, rules. No I/O, no clock, no SQL, no Telegram."""
