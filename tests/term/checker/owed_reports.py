"""The monthly report of each home: two items by the 15th, due on the 22nd, asked for until it is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from tests.term.checker.days import DAY, at, day_of, each, month_of
from tests.term.checker.district import District
from tests.term.checker.facts import Row
from tests.term.checker.owed import Due
from tests.term.checker.sayings import ASK_HOME, CAME_IN, ITEMS, NO_REPORT, OVERDUE, REPORT


@dataclass
class Reports:
    district: District

    def dues(self) -> Iterator[Due]:
        books = self.district.books
        for day in each(day_of(books.since), day_of(books.until)):
            month = month_of(day)
            before = month_of(month.replace(day=1) - 10 * DAY)
            if day.day == 15:
                yield from self._items(month)
            if day in self.district.almanac.reminders(month):
                yield from self._reminders(month, day)
            late = (day - before).days
            if late <= 7 or late % 7 == 0:
                yield from self._overdue(before, day, late)
            for one in (before, month):
                yield from self._came_in(one, day)

    def _homes(self, month: date, moment: datetime) -> Iterator[tuple[Row, datetime | None]]:
        """Those that owe it then, with the moment at which they did no more."""
        for home in self.district.facts["homes"]:
            if day_of(home.created_at) <= month and self.open_at(home.id, month, moment):
                yield home, self._until(home.id, month, moment)

    def _items(self, month: date) -> Iterator[Due]:
        moment, limit = at(month.replace(day=15), 8), at(month.replace(day=18), 8)
        for home, until in self._homes(month, moment):
            times = self.items(home.id, month)
            if sum(since <= moment and (gone is None or gone > moment) for since, gone in times) < 2:
                enough = sorted(since for since, gone in times if gone is None)[1:2]
                met = min([*enough, *([until] if until else [])], default=None)
                for teacher in self.district.holders("teacher", home.id, moment):
                    yield self._due(ITEMS, teacher, home, month, moment, limit, met)

    def _reminders(self, month: date, day: date) -> Iterator[Due]:
        """The home lead and the teacher; who has handed it on to the head of the home has done their part (the product
        tells so, and no record keeps when)."""
        days = self.district.almanac.reminders(month)
        after = [one for one in days if one > day]
        moment, limit = at(day, 9), at(after[0], 9) if after else at(month + DAY, 8)
        for home, until in self._homes(month, moment):
            leads = self.district.holders("home_lead", home.id, moment)
            for person in leads:
                yield self._due(REPORT, person, home, month, moment, limit, until, folds=True)
            must = not any(row.home_id == home.id and row.period == month for row in self._written)
            for person in self.district.holders("teacher", home.id, moment):
                if person not in leads:
                    yield self._due(REPORT, person, home, month, moment, limit, until, folds=True, must=must)

    @cached_property
    def _written(self) -> Sequence[Row]:
        return self.district.facts["monthly_reports"]

    def _overdue(self, month: date, day: date, late: int) -> Iterator[Due]:
        moment, limit = at(day, 8), at(day + DAY, 0)
        owing = list(self._homes(month, moment))
        for home, until in owing:
            heads = self.district.holders("home_lead", home.id, moment)
            reached = [person for person in heads if self.district.reachable(person, moment)]
            for person in reached or self.district.holders("teacher", home.id, moment):
                yield self._due(OVERDUE, person, home, month, moment, limit, until)
            for person in self.district.holders("leader", home.id, moment) if late >= 3 else ():
                yield self._due(ASK_HOME, person, home, month, moment, limit, until)
        ends = [until for _, until in owing]
        met = max(one for one in ends if one) if owing and all(ends) else None
        for person in self.district.holders("coordinator", None, moment) if owing else ():
            yield Due(NO_REPORT, person, (len(owing), month), moment, limit, f"{len(owing)} homes", met)

    def _came_in(self, month: date, day: date) -> Iterator[Due]:
        """To the coordinators, once for each: what was handed in since the morning before, and neither looked at there
        nor taken back since. Where the bot comes late, some of it may have been seen."""
        moment, before = at(day, 8), at(day - DAY, 8)
        ends = [end for home in self.district.facts["homes"] for end in self._waits(home.id, month, before, moment)]
        word = self.district.first_word(moment)
        left = sum(end is None or end > word for end in ends)
        met = max(end for end in ends if end) if ends and all(ends) else None
        for count in range(left, len(ends) + 1) if ends else ():
            for person in self.district.holders("coordinator", None, moment) if count else ():
                what, must = f"{count} reports of {month:%Y-%m}", count == left == len(ends)
                yield Due(CAME_IN, person, (count, month), moment, moment + 3 * DAY, what, met, must, once=(month, day))

    def _waits(self, home: str, month: date, before: datetime, moment: datetime) -> Iterator[datetime | None]:
        """For a report that came in between the two and waits: until when."""
        acts = self._acts.get((home, month), [])
        past = [(when, came) for when, came in acts if when < moment]
        if past and past[-1][1] and past[-1][0] >= before:
            yield next((when for when, _ in acts if when >= moment), None)

    @cached_property
    def _acts(self) -> dict[tuple[str, date], list[tuple[datetime, bool]]]:
        """By home and month: when it came in, and when something else was done about it, or a coordinator had it
        open."""
        office = {row.person_id for row in self.district.facts["roles"] if row.role == "coordinator"}
        found: defaultdict[tuple[str, date], list[tuple[datetime, bool]]] = defaultdict(list)
        for row in self.district.facts["audit"]:
            kind, _, rest = row.object_id.partition(":")
            seen = row.action == "report.see" and row.actor_id in office
            if kind == "monthly_report" and (seen or row.action in ("report.submit", "report.decide")):
                home, _, month = rest.partition(":")
                came = row.action == "report.submit" and not row.detail
                found[home, date.fromisoformat(f"{month}-22")].append((row.at, came))
        return {key: sorted(acts) for key, acts in found.items()}

    def _due(
        self,
        kind: str,
        person: str,
        home: Row,
        month: date,
        moment: datetime,
        limit: datetime,
        met: datetime | None,
        *,
        folds: bool = False,
        must: bool = True,
    ) -> Due:
        what = f"{home.name}, report of {month:%Y-%m}"
        return Due(kind, person, (home.id, month), moment, limit, what, met, must, folds=folds)

    # --- when a report was there

    def items(self, home_id: str, month: date) -> list[tuple[datetime, datetime | None]]:
        rows = self.district.facts["info_items"]
        return [(row.at, row.removed_at) for row in rows if row.home_id == home_id and row.period == month]

    @cached_property
    def _events(self) -> dict[tuple[str, date], list[tuple[datetime, bool]]]:
        """By home and month: from when on it was there (or excused), and was not any more."""
        found: defaultdict[tuple[str, date], list[tuple[datetime, bool]]] = defaultdict(list)
        there = {"": True, "taken back": False, "sent back": False, "excused": True}
        for row in self.district.facts["audit"]:
            kind, _, rest = row.object_id.partition(":")
            known = row.action in ("report.submit", "report.decide") and (row.detail or "") in there
            if kind == "monthly_report" and known and (row.action == "report.submit" or row.detail):
                home, _, month = rest.partition(":")
                found[home, date.fromisoformat(f"{month}-22")].append((row.at, there[row.detail or ""]))
        return {key: sorted(events) for key, events in found.items()}

    def open_at(self, home: str, month: date, moment: datetime) -> bool:
        past = [there for when, there in self._events.get((home, month), ()) if when <= moment]
        return not (past and past[-1])

    def _until(self, home: str, month: date, moment: datetime) -> datetime | None:
        return next((when for when, there in self._events.get((home, month), ()) if there and when > moment), None)
