"""A Duty: something owed. What is owed is derived from records, never stored as truth; keys make repeats harmless.

A file in `bot/duties/` declares a DUTY (or a plain RULE). Nudges, /due, the overview, on-time figures and escalations
are all views of the same declaration.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from bot.engine.message import Button, Message
from care.absence import Away
from care.access import Action
from care.calendar import Calendar
from care.people import Actor, Labelled, Role
from care.text import T, Text
from storage.database import Tx
from storage.records import Saved

if TYPE_CHECKING:
    from bot.engine.flow import Flow


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment of the clockwork: what fell due in (since, now]. `zone` is the district's own; `flows` and `duties` can
    be named."""

    since: datetime
    now: datetime
    zone: tzinfo
    flows: Mapping[str, Flow]
    calendar: Calendar
    duties: tuple[Duty, ...] = ()

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def days_at(self, hour: int, minute: int = 0) -> list[date]:
        """The days whose moment at this hour, in the district's time, lies in (since, now], the latest first."""
        found = []
        day = self.today
        while (moment := self.moment(day, hour, minute)) > self.since:
            if moment <= self.now:
                found.append(day)
            day -= timedelta(days=1)
        return found

    def moment(self, day: date, hour: int, minute: int = 0) -> datetime:
        """That hour of that day in the district's time, as an aware moment."""
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)


StillOwed = Callable[[Tx, Collection[str]], Awaitable[Collection[str]]]
"""Of these things that messages are `about`: those about which there is still something to be said."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Housekeeping on each tick: `run` writes what it changes and gives back what is to be said, each with a key.

    `last`: after all duties of the tick. Messages about '<about>:...' are put to `owed` once more just before they are
    sent.
    """

    name: str
    run: Callable[[Tx, Tick], Awaitable[Sequence[Message]]]
    about: str = ""
    owed: StillOwed | None = None
    astir: Callable[[Tx, datetime], Awaitable[bool]] | None = None
    """Looked at every few seconds too, and run between two ticks when it says that something moves."""
    last: bool = False


class Standing(Labelled):
    """How it stands with what is owed. All but OPEN are final."""

    OPEN = "open", T("still owed")
    MET = "met", T("on time")
    LATE = "late", T("late")
    MISSED = "missed", T("missing")
    EXCUSED = "excused", T("excused")
    VOID = "void", T("not needed")


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing owed: by whom, about whom or what, for which period, until when, and how it stands.

    `what` is a line of its own ('Talk with Pea (0601)'). `opens` is what the button beside it carries, such as
    's|talk|<id>'.
    """

    duty: str
    subject: str
    period: str
    what: Text
    home_id: str
    owners: tuple[str, ...]
    due_on: date
    standing: Standing = Standing.OPEN
    met_on: date | None = None
    opens: str = ""
    due_at: datetime | None = None
    """Where it is owed at a moment rather than on a day."""

    def day(self, zone: tzinfo) -> date:
        """When it is due, in the district's time."""
        return self.due_at.astimezone(zone).date() if self.due_at else self.due_on

    @property
    def key(self) -> str:
        return f"{self.duty}:{self.subject}:{self.period}"


@dataclass(frozen=True, slots=True)
class Recipient:
    """`away`: in whose place they are asked, where it is not their own."""

    person_id: str
    chat_id: int
    role: Role
    name: str = ""
    away: Away | None = None


@dataclass(frozen=True, slots=True)
class Nudge:
    """One person asked about one thing owed. `owed` is the key of what is owed; `rung` a name, daily ones ending in
    the date.

    `at` is when it fell due, `latest` until when it still makes sense. `digest`: kept for the morning's digest.
    `free`: outside the day's budget (check-ins, safety). `urgent`: also in the quiet hours. It says why it came;
    `opens` is its first button.
    """

    owed: str
    rung: str
    to: Recipient
    text: Text
    at: datetime
    latest: datetime
    needs: Action
    opens: Button | None = None
    digest: bool = False
    free: bool = False
    urgent: bool = False
    answers: tuple[tuple[Button, ...], ...] = ()
    """Buttons of its own, in place of 'later' and 'not mine'."""

    @property
    def key(self) -> str:
        return f"{self.owed}:{self.rung}:{self.to.person_id}"


async def _nothing_met(tx: Tx, saved: Sequence[Saved]) -> Collection[str]:
    return ()


async def _nothing_noted(tx: Tx, saved: Sequence[Saved]) -> None:
    return


async def _all_still_owed(tx: Tx, keys: Collection[str]) -> Collection[str]:
    return keys


WhatIsOwed = Callable[[Tx, Actor, Calendar, date, date], Awaitable[Sequence[Owed]]]
"""What stands in the actor's reach in the days from..until."""


@dataclass(frozen=True, slots=True)
class Duty:
    """`due`: the nudges that fell due in the tick's window. `owed`: what waits for somebody. `counted`: what stands in
    the overview, where that is something else. `met_by`: the keys of what new records settle, asked before they are
    written. `still`: which of these keys are still owed, looked at when it is said. `noted`: what the duty keeps of
    new records. `reach`: how far back a sweep looks for rungs that were learned late; at least the longest
    lateness."""

    name: str
    needs: Action
    title: Text
    due: Callable[[Tx, Tick], Awaitable[Sequence[Nudge]]]
    owed: WhatIsOwed
    met_by: Callable[[Tx, Sequence[Saved]], Awaitable[Collection[str]]] = _nothing_met
    still: StillOwed = _all_still_owed
    noted: Callable[[Tx, Sequence[Saved]], Awaitable[None]] = _nothing_noted
    reach: timedelta = timedelta(days=7)
    counted: WhatIsOwed | None = None
