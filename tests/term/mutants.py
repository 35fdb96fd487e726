"""Four bots with one mistake each: a simulation that does not notice them proves nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import bot.engine.digest
import bot.engine.nudging
import bot.review
from bot.engine.duty import Nudge
from care.calendar.period import Period
from storage import nudges, outbox
from storage.database import Tx
from storage.nudges import Noted


def lost_key() -> None:
    """A nudge is another one each time that it is looked at: what was said already is said again."""
    fresh = itertools.count()
    deliver, known = bot.engine.nudging.deliver, Nudge.key.fget  # type: ignore[attr-defined]
    this_time = [0]

    async def forgetful(*args: Any) -> int:
        this_time[0] = next(fresh)
        return await deliver(*args)

    bot.clockwork.deliver = forgetful  # type: ignore[attr-defined]
    Nudge.key = property(lambda self: f"{known(self)}:{this_time[0]}")  # type: ignore[assignment,method-assign]


def wrong_period() -> None:
    """The report's month is the one before."""
    right = Period.of.__func__  # type: ignore[attr-defined]
    Period.of = classmethod(lambda cls, day: right(cls, day).previous)  # type: ignore[assignment,method-assign]


def no_quiet_hours() -> None:
    def at_once(local: datetime) -> datetime:
        return local

    def nobody_sleeps(*_: Any) -> tuple[()]:
        return ()

    bot.engine.nudging.after_quiet = at_once
    bot.review._at_a_bad_hour = nobody_sleeps  # type: ignore[assignment]


def no_cancel() -> None:
    """What meets a duty cancels nothing that was kept or queued for it, and nothing is looked at once more."""

    async def nothing(*_: Any) -> int:
        return 0

    async def all_owed(*_: Any) -> Collection[int]:
        return ()

    async def all_kept(_: Tx, waiting: Sequence[Noted], __: Any) -> list[Noted]:
        return list(waiting)

    nudges.settle = nothing  # type: ignore[assignment]
    outbox.cancel_about = nothing
    bot.review._not_owed = all_owed
    bot.engine.digest._owed = all_kept


MUTANTS: Mapping[str, Callable[[], None]] = {
    "lost_key": lost_key,
    "wrong_period": wrong_period,
    "no_quiet_hours": no_quiet_hours,
    "no_cancel": no_cancel,
}


def make(name: str) -> None:
    """Spoil the bot of this process; '' leaves it as it is."""
    if name:
        MUTANTS[name]()
