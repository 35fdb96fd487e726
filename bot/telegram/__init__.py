"""The Telegram channel: the only importer of `telegram`."""

import os

# PTB then gives durations as timedelta; the other form warns with every 429.
os.environ["PTB_TIMEDELTA"] = "1"
