"""A large district with its past, on which ticks are timed: everybody exists, the same 200 children fall due each time.

Made once per size, into a SQLite file in .bench/; PostgreSQL gets the same rows out of it. Times are those of the
district, Shanghai.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
from sqlalchemy import Table, create_engine, insert, select

import run
from benchmarks.district import KEY
from benchmarks.environments import CACHE
from care.text import pack, words
from storage import settings
from storage.consents import CARE
from storage.database import open_database
from storage.migrations import migrate
from storage.tables import metadata
from storage.vault import Vault, new_id

ZONE = ZoneInfo("Asia/Shanghai")
BATCH, BATCHES = 200, 5
MORNINGS = tuple(date(2026, 5, day) for day in (12, 13, 14, 18, 24))
"""On each of which a batch falls due: three ordinary ones, the day of the talks, one on which reports are overdue."""
TALKS, OVERDUE = MORNINGS[3], MORNINGS[4]
AFTERNOON = datetime(2026, 5, 10, 14, 0, tzinfo=ZONE)
"""From here on a batch climbs every minute."""
SATURDAY = datetime(2026, 5, 30, 10, 0, tzinfo=ZONE)
IN_A_HOME, OF_A_VOLUNTEER, BROTHERS = 50, 5, 10
_BEFORE, _LATER, _TALKED, _JOINED = date(2026, 4, 11), date(2026, 8, 31), date(2026, 5, 8), date(2025, 9, 1)
_OLD = datetime(2025, 9, 1, tzinfo=UTC)
_PERIODS = (date(2026, 4, 22), date(2026, 5, 22))
_ANSWERED = (date(2026, 5, 16), date(2026, 5, 23))
"""The other check-in days of these weeks: all have answered already, so that a leap over them is nothing special."""
_FIRST_CHAT = 10_000_000

Cells = dict[str, Any]
Rows = Iterator[tuple[str, Cells]]


async def template(children: int) -> Path:
    """The district with so many children, made anew when the code that makes it is younger."""
    file = CACHE / f"large-{children}.db"
    if not _is_fresh(file):
        CACHE.mkdir(exist_ok=True)
        draft = file.with_suffix(".new")
        for part in (draft, Path(f"{draft}-wal"), Path(f"{draft}-shm")):
            part.unlink(missing_ok=True)
        await _furnish(f"sqlite:///{draft}", children)
        draft.rename(file)
    return file


def _is_fresh(file: Path) -> bool:
    code = [Path(run.ROOT, "storage", "tables.py"), Path(__file__)]
    return file.exists() and file.stat().st_mtime > max(part.stat().st_mtime for part in code)


async def _furnish(url: str, children: int) -> None:
    await migrate(url)
    vault = Vault(KEY)
    database = open_database(url, vault)
    try:
        async with database.transaction() as tx:
            await settings.check_key(tx, vault)
            found: defaultdict[str, list[Cells]] = defaultdict(list)
            for name, row in _district(vault, children):
                found[name].append(row)
            for table in metadata.sorted_tables:
                for start in range(0, len(found[table.name]), 10_000):
                    await tx.run(insert(table), found[table.name][start : start + 10_000])
    finally:
        await database.close()


async def pour(file: Path, url: str) -> None:
    """The rows of the SQLite file into an empty database of PostgreSQL."""
    await migrate(url)
    connection = await asyncpg.connect(url)
    try:
        with create_engine(f"sqlite:///{file}").connect() as source:
            for table in metadata.sorted_tables:
                for part in source.execute(select(table)).partitions(20_000):
                    await connection.copy_records_to_table(table.name, records=part, columns=table.c.keys())
        for table in metadata.sorted_tables:
            await _count_on(connection, table)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _count_on(connection: Any, table: Table) -> None:
    """New rows are numbered after those that were poured in."""
    if (column := table.autoincrement_column) is not None:
        highest = f"(SELECT coalesce(max({column.name}), 1) FROM {table.name})"  # noqa: S608 names of ours
        await connection.execute(f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), {highest})")


# --- the rows


def _district(vault: Vault, children: int) -> Rows:
    homes = [new_id() for _ in range(-(-children // IN_A_HOME))]
    volunteers = [new_id() for _ in range(-(-children // OF_A_VOLUNTEER))]
    notice = new_id()
    return chain(
        chain.from_iterable(_home(vault, number, id) for number, id in enumerate(homes)),
        chain.from_iterable(_volunteer(vault, number, id) for number, id in enumerate(volunteers)),
        _notice(vault, notice),
        _children(vault, children, homes, volunteers, notice),
    )


def _person(vault: Vault, id: str, chat: int, role: str, home: str | None = None) -> Rows:
    cleared = dict.fromkeys(("vetted_on", "trained_on", "conduct_on"), _JOINED) if role == "volunteer" else {}
    name = vault.seal(f"{role} {chat}", f"people.name:{id}")
    yield (
        "people",
        {"id": id, "name": name, "chat_id": chat, "language": "en", "created_at": _OLD}
        | {
            "vetted_on": None,
            "trained_on": None,
            "conduct_on": None,
        }
        | cleared,
    )
    yield "roles", {"id": new_id(), "person_id": id, "role": role, "home_id": home, "starts_on": _JOINED}


def _home(vault: Vault, number: int, id: str) -> Rows:
    """Each has a teacher, a head, an activity lately, and its reports, but for the first four."""
    yield "homes", {"id": id, "code": f"H{number:04d}", "name": f"Home {number}", "created_at": _OLD}
    teacher = new_id()
    yield from _person(vault, teacher, _FIRST_CHAT + 2 * number, "teacher", id)
    yield from _person(vault, new_id(), _FIRST_CHAT + 2 * number + 1, "home_lead", id)
    yield from _record(vault, "activity", id, teacher, _TALKED, ())
    for period in _PERIODS if number >= BATCH // IN_A_HOME else ():
        report, at = new_id(), datetime.combine(period, time(2), UTC)
        body: Cells = {"sections": {}, "nil_reason": "", "returned": "", "report": None}
        done = {"state": "accepted", "first_submitted_on": period, "submitted_at": at}
        sealed = vault.seal_json(body, f"monthly_reports.body:{report}")
        yield "monthly_reports", {"id": report, "home_id": id, "period": period, "body": sealed} | done


def _volunteer(vault: Vault, number: int, id: str) -> Rows:
    return _person(vault, id, 2 * _FIRST_CHAT + number, "volunteer")


def _notice(vault: Vault, id: str) -> Rows:
    """A safety topic, which went to all families two days before the afternoon."""
    said = pack(words("Please stay away from water."))
    faces = {"en": {"text": said}}
    body = vault.seal_json(
        {"words": {"en": said}, "first": faces, "again": faces, "roles": ["guardian"], "homes": []},
        f"notices.body:{id}",
    )
    at = datetime(2026, 5, 8, 19, 0, tzinfo=ZONE)
    moments = dict.fromkeys(("created_at", "send_at", "shown_at"), at)
    yield (
        "notices",
        {"id": id, "number": "AAAA", "topic": "summer:2026:drowning:1", "state": "done", "body": body} | moments,
    )


def _children(vault: Vault, children: int, homes: list[str], volunteers: list[str], notice: str) -> Rows:
    guardian = ""
    for number in range(children):
        if not guardian or number % BROTHERS:
            guardian = new_id()
            yield from _guardian(vault, number, guardian, notice)
        home, volunteer = homes[number // IN_A_HOME], volunteers[number // OF_A_VOLUNTEER]
        yield from _child(vault, number, home, volunteer, guardian)


def _batch(number: int) -> int | None:
    """When this child falls due, if it does."""
    place = number // BATCH
    return place if place < BATCHES else None


def _guardian(vault: Vault, number: int, id: str, notice: str) -> Rows:
    yield from _person(vault, id, 3 * _FIRST_CHAT + number, "guardian")
    invited = {
        "id": new_id(),
        "token_hash": id.encode(),
        "role": "guardian",
        "expected_name": b"",
        "state": "confirmed",
    }
    yield "invitations", invited | {"needs_confirmation": True, "created_at": _OLD, "expires_at": _OLD}
    batch, key = _batch(number), f"notice:{notice}:{id}"
    heard = None if batch is not None else AFTERNOON - timedelta(days=1)
    yield "receipts", {"notice_id": notice, "person_id": id, "state": "sent", "key": key, "acknowledged_at": heard}
    sent = AFTERNOON - timedelta(days=1) + timedelta(minutes=batch or 0, seconds=-30)
    yield "outbox", _sent(key, 3 * _FIRST_CHAT + number, id, sent, key) | {"needs": "notice.get"}


def _child(vault: Vault, number: int, home: str, volunteer: str, guardian: str) -> Rows:
    id, batch = new_id(), _batch(number)
    due = MORNINGS[batch] if batch is not None else None
    name = vault.seal(f"Child {number}", f"children.short_name:{id}")
    known = {"short_name": name, "joined_on": _JOINED, "created_at": _OLD}
    touched = due - timedelta(days=7) if due else _LATER
    talked: Cells = {"last_talk_on": None if batch == MORNINGS.index(TALKS) else _TALKED}
    yield "children", {"id": id, "code": f"C{number:06d}", "home_id": home, "last_touch_on": touched} | known | talked
    bond = {"person_id": guardian, "child_id": id, "relation": "grandmother", "caregiver": True}
    yield "guardianships", {"id": new_id()} | bond
    consent = {"purpose": CARE, "way": "paper", "text_version": "1", "given_on": _JOINED}
    yield "consents", {"id": new_id(), "child_id": id} | consent
    rhythm = {"starts_on": _JOINED, "next_contact_on": due - timedelta(days=1) if due else _LATER}
    yield "pairings", {"id": new_id(), "person_id": volunteer, "child_id": id} | rhythm
    yield from _past(vault, number, id, home, volunteer, guardian)
    if batch is not None:
        yield from _asked(number, id, home, guardian, batch)


def _past(vault: Vault, number: int, child: str, home: str, volunteer: str, guardian: str) -> Rows:
    """A visit, a talk, two check-ins that were answered, what was said, a conversation."""
    yield from _record(vault, "contact_entry", home, volunteer, _BEFORE, (child,))
    if _batch(number) != MORNINGS.index(TALKS):
        yield from _record(vault, "talk", home, volunteer, _TALKED, (child,))
    for day in _ANSWERED:
        id, at, key = new_id(), datetime.combine(day, time(10), ZONE), f"check_in:{day}:{guardian}:ask:{child}"
        told = {"state": "answered", "asked_at": at, "answer": "well", "answered_at": at, "next_at": None, "place": 0}
        yield "check_ins", {"id": id, "child_id": child, "home_id": home, "day": day} | told
        yield "check_in_asks", {"check_in_id": id, "person_id": guardian, "key": key}
        yield "outbox", _sent(key, 3 * _FIRST_CHAT + number, guardian, at, key[:28])
        yield "nudges", _said(key, guardian, at)
    flow = {"flow": "visit", "version": 1, "state": "done", "body": b"", "started_at": _OLD, "touched_at": _OLD}
    yield "conversations", {"id": new_id(), "person_id": volunteer, "chat_id": 1} | flow
    yield "updates", {"channel": "t", "update_id": number, "received_at": AFTERNOON, "state": "done"}


def _asked(number: int, child: str, home: str, guardian: str, batch: int) -> Rows:
    """Asked on the day of the afternoon, and not answered: it climbs in its minute."""
    day, next_at = AFTERNOON.date(), AFTERNOON + timedelta(minutes=batch, seconds=-30)
    id, at, key = new_id(), next_at - timedelta(hours=4), f"check_in:{day}:{guardian}:ask:{child}"
    waits = {"state": "asked", "asked_at": at, "answer": None, "answered_at": None, "next_at": next_at, "place": 0}
    yield "check_ins", {"id": id, "child_id": child, "home_id": home, "day": day} | waits
    yield "check_in_asks", {"check_in_id": id, "person_id": guardian, "key": key}
    yield "outbox", _sent(key, 3 * _FIRST_CHAT + number, guardian, at, key[:28])


def _record(vault: Vault, kind: str, home: str, author: str, day: date, about: tuple[str, ...]) -> Rows:
    id = new_id()
    row = {"id": id, "number": "AAAA", "kind": kind, "home_id": home, "author_id": author, "happened_on": day}
    told = {"on": str(day), "home": home, "what": "festival"} if kind == "activity" else {}
    sealed = vault.seal_json(told, f"records.body:{id}")
    yield "records", row | {"created_at": datetime.combine(day, time(12), UTC), "version": 1, "body": sealed}
    for child in about:
        yield "record_children", {"record_id": id, "child_id": child}


def _sent(key: str, chat: int, person: str, at: datetime, about: str) -> Cells:
    row = {"key": key, "chat_id": chat, "person_id": person, "verb": "send", "priority": 2, "body": b"", "about": about}
    row["needs"] = "check_in.answer"
    return row | {"created_at": at, "not_before": at, "state": "sent", "done_at": at, "message_id": 1}


def _said(key: str, person: str, at: datetime) -> Cells:
    row = {"id": new_id(), "key": key, "owed": key[:40], "person_id": person, "chat_id": 1, "at": at, "latest": at}
    return row | {"needs": "answer_check_in", "free": True, "state": "said", "said_at": at, "body": b""}
