"""The demo's cast: who holds a phone, and an empty database filled with the district and some weeks of its life."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from bot.demo.district import STAR_HOME, district, phone_number, script
from bot.demo.places import Phone
from care.people import Role
from care.records.activity import Activity
from care.records.base import Record
from care.records.contact_entry import ContactEntry
from care.records.talk import Talk
from care.roster import Roster
from storage import pairings, people, records, touch
from storage.database import Database, Tx
from storage.roster import store
from storage.roster_rows import Outcome

_CHINA = ZoneInfo("Asia/Shanghai")
_SEED = 18
_WEEKS = 4


def _phones() -> Iterator[Phone]:
    for number, told in enumerate(script()["phones"]):
        yield Phone(**{name: told[name] for name in told if name != "code"}, phone_number=phone_number(number))


PHONES: tuple[Phone, ...] = tuple(_phones())
"""The people who hold a phone in the demo; the first four stand side by side, and the last is known to nobody yet."""

HELD_BY: Mapping[int, str] = {told["user_id"]: told["code"] for told in script()["phones"] if "code" in told}
"""User id -> the person's code in the district; strangers are not in it."""


async def seed(database: Database, now: datetime, zone: tzinfo = _CHINA) -> None:
    """Fills an empty database: the district, the chats of those who hold a phone, and the records of the last weeks."""
    today = now.astimezone(zone).date()
    roster = district(today)
    async with database.transaction() as tx:
        written = await store(tx, roster, today=today, now=now)
        await _link_phones(tx, written.ids["people"], now)
        season = _Season(roster, written, now, zone, Random(_SEED))
        entries = [*season.contacts(), *season.talks(), *season.activities()]
        await records.add(tx, sorted(entries, key=lambda entry: entry.created_at))
        await pairings.touch(tx, _made(entries))
        for entry in entries:
            if not isinstance(entry.body, ContactEntry) or entry.body.made:
                await touch.touch(tx, [(child, entry.happened_on) for child in entry.children])
            if isinstance(entry.body, Talk):
                await touch.talked(tx, [(child, entry.happened_on) for child in entry.children])


async def _link_phones(tx: Tx, person_ids: Mapping[str, str], now: datetime) -> None:
    for phone in PHONES:
        if phone.user_id not in HELD_BY:
            continue
        person_id = person_ids[HELD_BY[phone.user_id]]
        language = "en" if phone.language_code == "en" else "zh_Hans_CN"
        await people.link_chat(tx, person_id, phone.user_id, language, now)
        await people.set_language(tx, person_id, language)


def _made(entries: list[records.Saved]) -> list[tuple[str, str, date]]:
    """The contacts that reached the child: volunteer, child, day."""
    contacts = ((entry, entry.body) for entry in entries if isinstance(entry.body, ContactEntry))
    return [(entry.author_id, body.child, body.on) for entry, body in contacts if body.made]


@dataclass(frozen=True)
class _Season:
    """The last weeks of the district, written down by its people."""

    roster: Roster
    written: Outcome
    now: datetime
    zone: tzinfo
    random: Random

    def contacts(self) -> Iterator[records.Saved]:
        """Each volunteer was in touch with each child one to three times."""
        told, at_home = script()["contacts"], {placed.row.code: placed.row.home for placed in self.roster.children}
        for number, placed in enumerate(self.roster.pairings):
            times = 1 + self.random.randrange(3)
            for turn, days_ago in enumerate(self._days(times)):
                body = {**told[(number + 4 * turn) % len(told)], "child": self._id("children", placed.row.child)}
                home = at_home[placed.row.child]
                yield self._record(ContactEntry, body, days_ago, 20, placed.row.person, home)

    def talks(self) -> Iterator[records.Saved]:
        """Each teacher talked with some of the children lately, most of all the one on the page, and with nearly
        everybody in the weeks before."""
        told = script()["talks"]
        for home, author, children in self._teachers():
            times = 6 if home == f"H{STAR_HOME:02d}" else 2
            lately = zip(self._days(times), self.random.sample(children, times), strict=True)
            before = ((self.random.randrange(_WEEKS * 7, 2 * _WEEKS * 7), child) for child in children[1:])
            for days_ago, child in (*lately, *before):
                body = {**self.random.choice(told), "children": (self._id("children", child),)}
                yield self._record(Talk, body, days_ago, 17, author, home)

    def activities(self) -> Iterator[records.Saved]:
        """All children of the home were there."""
        told = script()["activities"]
        for number, (home, author, children) in enumerate(self._teachers()):
            there_were = tuple(self._id("children", child) for child in children)
            for turn, days_ago in enumerate(self._days(2 if home == f"H{STAR_HOME:02d}" else 1)):
                there = {"home": self._id("homes", home), "children": there_were, "volunteers": 2}
                body = {**told[(number + 3 * turn) % len(told)], **there}
                yield self._record(Activity, body, days_ago, 18, author, home)

    def _teachers(self) -> Iterator[tuple[str, str, list[str]]]:
        """Home, the first teacher there, and the children, all by their codes."""
        for home in self.roster.homes:
            of_home = [placed.row for placed in self.roster.staff if home.row.code in placed.row.homes]
            teacher = next(row for row in of_home if Role.TEACHER in row.roles)
            children = [placed.row.code for placed in self.roster.children if placed.row.home == home.row.code]
            yield home.row.code, teacher.code, children

    def _days(self, times: int) -> list[int]:
        """So many different days of the last weeks, as days ago, the earliest first."""
        return sorted(self.random.sample(range(1, _WEEKS * 7), times), reverse=True)

    def _id(self, table: str, code: str) -> str:
        return self.written.ids[table][code]

    def _record(
        self, kind: type[Record], body: Mapping[str, Any], days_ago: int, hour: int, author: str, home: str
    ) -> records.Saved:
        """Written on the evening of the day on which it happened."""
        on = self.now.astimezone(self.zone).date() - timedelta(days=days_ago)
        written = datetime.combine(on, time(hour, self.random.randrange(60)), self.zone)
        return records.saved(
            kind.model_validate({**body, "on": on}),
            home_id=self._id("homes", home),
            author_id=self._id("people", author),
            now=written,
        )
