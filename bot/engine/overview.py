"""What each home owes and has done, this period and last, over all duties: the figures of /overview and its picture.

A duty's `owed`, or `counted`, is all it takes: a new duty stands here by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from typing import Any

from bot.engine.duty import Duty, Owed, Standing
from care.access import Action, may
from care.calendar import Calendar, Period
from care.children import Home
from care.people import Actor
from care.text import Text, pack, unpack
from storage import calendar, children, touch
from storage.database import Tx

SILENT = timedelta(days=7)
"""A child with whom nobody was in touch for longer than this is counted."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How many things owed stand how. `missing`: over and not done, or overdue; `ahead`: there is still time."""

    met: int = 0
    late: int = 0
    missing: int = 0
    ahead: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.met + other.met, self.late + other.late, self.missing + other.missing, self.ahead + other.ahead
        )

    @property
    def total(self) -> int:
        return self.met + self.late + self.missing + self.ahead


Row = Mapping[str, Figures]
"""By the duty's name; duties under which nothing stands are absent."""


@dataclass(frozen=True, slots=True)
class HomeRow:
    """One home. `silent`: how many of its children nobody has been in touch with for long."""

    home: Home
    this: Row = field(default_factory=dict)
    last: Row = field(default_factory=dict)
    silent: int = 0

    @property
    def worry(self) -> tuple[int, int, int]:
        """The greater, the more it needs somebody to look at it."""
        return (together([self.this]).missing + together([self.last]).missing, self.silent, together([self.this]).ahead)


@dataclass(frozen=True, slots=True)
class Overview:
    """The homes in somebody's reach, those that need most first."""

    period: Period
    today: date
    rows: tuple[HomeRow, ...]

    def home(self, id: str) -> HomeRow | None:
        return next((row for row in self.rows if row.home.id == id), None)


async def look(tx: Tx, actor: Actor, duties: Sequence[Duty], today: date, zone: tzinfo) -> Overview:
    """`zone` is the district's own."""
    known, period = await calendar.load(tx), Period.of(today)
    homes = await children.homes(tx, actor, Action.SEE_OVERVIEW)
    found = await _owed(tx, actor, duties, known, today, zone)
    silent = await touch.silent_by_home(tx, actor, today - SILENT)
    rows = [_row(home, found, period, today, silent.get(home.id, 0), zone) for home in homes]
    return Overview(period, today, tuple(sorted(rows, key=lambda row: row.worry, reverse=True)))


async def _owed(
    tx: Tx, actor: Actor, duties: Sequence[Duty], known: Calendar, today: date, zone: tzinfo
) -> dict[tuple[str, str], list[Owed]]:
    """By home and duty."""
    found: dict[tuple[str, str], list[Owed]] = {}
    first = Period.of(today).previous.first
    for duty in duties:
        if may(actor, duty.needs):
            for one in await (duty.counted or duty.owed)(tx, actor, known, first, today):
                if one.standing is Standing.OPEN or one.day(zone) >= first:
                    found.setdefault((one.home_id, duty.name), []).append(one)
    return found


def _row(
    home: Home,
    found: Mapping[tuple[str, str], list[Owed]],
    period: Period,
    today: date,
    silent: int,
    zone: tzinfo,
) -> HomeRow:
    this, last = dict[str, Figures](), dict[str, Figures]()
    for (home_id, duty), many in found.items():
        if home_id == home.id:
            this[duty] = figures([one for one in many if one.day(zone) >= period.first], today, zone)
            last[duty] = figures([one for one in many if one.day(zone) < period.first], today, zone)
    return HomeRow(home, _there(this), _there(last), silent)


def _there(row: Row) -> Row:
    return {duty: one for duty, one in row.items() if one.total}


def figures(many: Sequence[Owed], today: date, zone: tzinfo) -> Figures:
    standings = Counter(one.standing for one in many)
    overdue = sum(one.standing is Standing.OPEN and one.day(zone) < today for one in many)
    return Figures(
        standings[Standing.MET],
        standings[Standing.LATE],
        standings[Standing.MISSED] + overdue,
        standings[Standing.OPEN] - overdue,
    )


def together(rows: Iterable[Row]) -> Figures:
    return sum((one for row in rows for one in row.values()), Figures())


def by_duty(rows: Iterable[Row]) -> dict[str, Figures]:
    """The same over several homes."""
    summed: dict[str, Figures] = {}
    for row in rows:
        for duty, one in row.items():
            summed[duty] = summed.get(duty, Figures()) + one
    return summed


# --- for a Job, which runs later and elsewhere

Titles = Mapping[str, Text]
"""What a duty is called, by its name, in the order in which they stand."""


def packed(found: Overview, duties: Sequence[Duty]) -> dict[str, Any]:
    """As JSON, with what the duties are called; `unpacked` makes the same again."""
    return {
        "period": found.period.key,
        "today": found.today.isoformat(),
        "rows": [[one.home.id, one.home.name, _pack(one.this), _pack(one.last), one.silent] for one in found.rows],
        "titles": {duty.name: pack(duty.title) for duty in duties},
    }


def unpacked(body: Mapping[str, Any]) -> tuple[Overview, Titles]:
    rows = tuple(
        HomeRow(Home(id, "", name), _unpack(this), _unpack(last), silent)
        for id, name, this, last, silent in body["rows"]
    )
    found = Overview(Period.read(body["period"]), date.fromisoformat(body["today"]), rows)
    return found, {name: unpack(title) for name, title in body["titles"].items()}


def _pack(row: Row) -> dict[str, list[int]]:
    return {duty: [one.met, one.late, one.missing, one.ahead] for duty, one in row.items()}


def _unpack(row: Mapping[str, Sequence[int]]) -> Row:
    return {duty: Figures(*counts) for duty, counts in row.items()}
