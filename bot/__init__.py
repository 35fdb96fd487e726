"""The bot: Telegram on one side, the programme on the other."""
