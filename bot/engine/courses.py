"""What comes round again: each time is owed so long after the time before. How the earlier ones ended, from the days on
which it was done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from bot.engine.duty import Standing

Ended = tuple[date, Standing, date | None]
"""The day on which it was due, how it ended, and the day on which it was done, if it was."""


def ended(days: Sequence[date], every: timedelta, over_on: date | None = None) -> Iterator[Ended]:
    """`days`: the first one begins it, each later one does it. Done within another `every` it is late, later than that
    it was missed. `over_on`: from that day on it is owed no more. The last one is left out while it can still be done.
    """
    known = sorted(set(days))
    for before, done_on in pairwise(known):
        due_on = before + every
        yield due_on, _standing(due_on, done_on, every), done_on
    if known and over_on:
        due_on = known[-1] + every
        yield due_on, Standing.VOID if over_on <= due_on else Standing.MISSED, None


def _standing(due_on: date, done_on: date, every: timedelta) -> Standing:
    if done_on <= due_on:
        return Standing.MET
    return Standing.LATE if done_on < due_on + every else Standing.MISSED
