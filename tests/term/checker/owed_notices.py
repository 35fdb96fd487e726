"""Notices: each reaches whom it is for; of safety ones, who has not answered is asked after a day and three days, and
then their teacher is. In the summer one goes out each week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from tests.term.checker.days import DAY, at, day_of
from tests.term.checker.district import District
from tests.term.checker.facts import Row
from tests.term.checker.owed import Due, Told, earliest
from tests.term.checker.sayings import CALLS, EMERGENCY, NOTICE, SAFETY_1, SAFETY_3, TOPIC

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
CALLED = {
    "drowning": ("防溺水", "near water"),
    "storms": ("雷雨和洪水", "storms and floods"),
    "traffic": ("路上安全", "on the road"),
    "heat": ("防暑", "heat"),
    "fire": ("防火防电", "fire and electricity"),
    "strangers": ("陌生人和身体", "strangers and one’s own body"),
    "food": ("饮食", "food"),
    "internet": ("手机和上网", "phone and internet"),
}
GONE = ("sending", "done")


@dataclass
class Notices:
    district: District
    told: Sequence[Told]

    def dues(self) -> Iterator[Due]:
        for row in self.district.facts["notices"]:
            if row.state in GONE:
                yield from self._sent(row)
                if row.topic or row.emergency:
                    yield from self._reminders(row)
                    yield from self._calls(row)

    def problems(self) -> Iterator[str]:
        """Weekly, from the last week of term to the first of the next."""
        for year in {self.district.books.since.year, self.district.books.until.year}:
            for monday in self.district.almanac.safety_weeks(year):
                yield from self._week(at(monday, 8))

    def _week(self, begin: datetime) -> Iterator[str]:
        friday, end = begin + 4 * DAY + 11 * HOUR, begin + WEEK
        books = self.district.books
        if begin < books.looked[0] or end > books.until or self.district.first_word(friday) >= friday + DAY:
            return
        rows = [row for row in self.district.facts["notices"] if row.topic and begin <= row.send_at < end]
        if not rows:
            yield f"no safety notice in the week from {day_of(begin)}"

    def _sent(self, row: Row) -> Iterator[Due]:
        kind = EMERGENCY if row.emergency else NOTICE if row.author_id else TOPIC
        for receipt in self._receipts(row):
            limit, key = row.send_at + WEEK, (_named(row),)
            must = receipt.state in ("sent", "queued")
            what = f"notice #{row.number}"
            lost = self.district.ends(receipt.person_id, "guardian")
            yield Due(kind, receipt.person_id, key, row.send_at, limit, what, lost, must, (row.id,))
            for number in range(1, row.rounds + 1):
                yield Due(
                    SAFETY_1, receipt.person_id, (row.id,), row.send_at, limit, what, None, False, (row.id, number)
                )

    def _receipts(self, row: Row) -> list[Row]:
        return self._by_notice.get(row.id, [])

    @cached_property
    def _by_notice(self) -> dict[str, list[Row]]:
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for row in self.district.facts["receipts"]:
            found[row.notice_id].append(row)
        return found

    @cached_property
    def _reached(self) -> dict[tuple[str, str], datetime]:
        """By number, or id of what has none, and person, when it was accepted."""
        found: dict[tuple[str, str], datetime] = {}
        for told in self.told:
            if told.line.kind in (NOTICE, TOPIC, EMERGENCY) and told.key:
                found.setdefault((str(told.key[0]), told.heard.person), told.at)
        return found

    def _reminders(self, row: Row) -> Iterator[Due]:
        for receipt in self._receipts(row):
            sent = self._reached.get((_named(row), receipt.person_id))
            met = earliest(receipt.acknowledged_at, self.district.ends(receipt.person_id, "guardian"))
            for kind, after, until in ((SAFETY_1, 24, 72 * HOUR), (SAFETY_3, 72, WEEK)) if sent else ():
                assert sent
                moment, limit, what = sent + after * HOUR, sent + until, f"notice #{row.number}"
                yield Due(kind, receipt.person_id, (row.id,), moment, limit, what, met, once=(row.id, kind))

    def _calls(self, row: Row) -> Iterator[Due]:
        """On the first morning on which it has been out for three days: how many families do not know."""
        over = row.send_at + 72 * HOUR
        day = day_of(over)
        morning = at(day, 8) if over <= at(day, 8) else at(day + DAY, 8)
        word = self.district.first_word(morning)
        for home, count in self._unknowing(row, word).items():
            for teacher in self.district.holders("teacher", home, morning):
                what = f"{count} families of {self.district.homes[home].name} about #{row.number}"
                limit, once = row.send_at + WEEK, (row.id, home)
                yield Due(CALLS, teacher, (row.id,), morning, limit, what, once=once)

    def _unknowing(self, row: Row, moment: datetime) -> dict[str, int]:
        """A family knows when one guardian has answered, or was told; whom it reached less than three days ago may
        answer yet. Who has several of the children is called once."""
        receipts = {receipt.person_id: receipt for receipt in self._receipts(row)}
        callees: defaultdict[str, set[str]] = defaultdict(set)
        for child in self.district.active_children(moment):
            guardians = self.district.guardians(child.id, moment)
            theirs = [receipts[one.person_id] for one in guardians if one.person_id in receipts]
            known = any(one.acknowledged_at and one.acknowledged_at <= moment for one in theirs)
            if theirs and not known and not any(self._may_answer(row, one, moment) for one in theirs):
                first = min(guardians, key=lambda one: (not one.caregiver, self.district.people[one.person_id].code))
                callees[child.home_id].add(first.person_id)
        return {home: len(people) for home, people in callees.items()}

    def _may_answer(self, row: Row, receipt: Row, moment: datetime) -> bool:
        sent = self._reached.get((_named(row), receipt.person_id))
        return sent is not None and moment - sent < 72 * HOUR


def _named(row: Row) -> str:
    """The summer's own have no number to be known by."""
    return str(row.number if row.author_id else row.id)


def topic_words(topic: str) -> tuple[str, ...]:
    """How a topic is called, of a key such as 'summer:2027:heat:1'."""
    parts = topic.split(":")
    return CALLED.get(parts[2], ()) if len(parts) == 4 else ()
