"""The bot: Telegram on one side, the programme on the other."""

import gc

gc.set_threshold(50_000, 20, 50)  # importing makes many objects and no garbage; so does a batch of Turns
