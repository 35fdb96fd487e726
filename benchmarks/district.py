"""A district for load: one home, for each phone a volunteer who is paired with one child, and families to be told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from benchmarks.phones import FIRST_CHAT
from storage import settings, tables
from storage.consents import CARE
from storage.database import Tx, open_database
from storage.migrations import migrate
from storage.vault import Vault, new_id

KEY = "00ff:" + "QUJD" * 10 + "QUI="
COORDINATOR, FIRST_FAMILY = 600_000_000, 800_000_000
SHOWN = "Xiaoming"


async def furnish(url: str, volunteers: int, families: int = 0) -> None:
    """Migrates the database at `url` and fills it. With families there is a coordinator too, who can tell them."""
    await migrate(url)
    vault = Vault(KEY)
    database = open_database(url, vault)
    try:
        async with database.transaction() as tx:
            await settings.check_key(tx, vault)
            await _fill(tx, volunteers, families)
    finally:
        await database.close()


async def _fill(tx: Tx, volunteers: int, families: int) -> None:
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in _ORDER}
    now, home = datetime.now(UTC), new_id()
    rows["homes"].append({"id": home, "code": "A", "name": "A", "created_at": now})
    for number in range(volunteers):
        for name, row in _pair(tx.vault, number, home, now):
            rows[name].append(row)
    if families:
        for name, row in _person(tx.vault, new_id(), COORDINATOR, "coordinator", now):
            rows[name].append(row)
    for number in range(families):
        for name, row in _family(tx.vault, number, home, now):
            rows[name].append(row)
    for name in _ORDER:
        if rows[name]:
            await tx.run(insert(getattr(tables, name)), rows[name])


_ORDER = ("homes", "people", "children", "roles", "pairings", "guardianships", "consents")


def _pair(vault: Vault, number: int, home: str, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    person, child, today = new_id(), new_id(), now.date().replace(day=1)
    cleared = dict.fromkeys(("vetted_on", "trained_on", "conduct_on"), today)
    name = vault.seal(f"Volunteer {number}", f"people.name:{person}")
    chat = {"chat_id": FIRST_CHAT + number, "language": "en", "created_at": now}
    yield "people", {"id": person, "name": name, **chat, **cleared}
    yield "roles", {"id": new_id(), "person_id": person, "role": "volunteer", "starts_on": today}
    called = vault.seal(SHOWN, f"children.short_name:{child}")
    known = {"short_name": called, "joined_on": today, "created_at": now}
    yield "children", {"id": child, "code": f"A-{number:04d}", "home_id": home, **known}
    rhythm = {"starts_on": today, "next_contact_on": today + timedelta(days=14)}
    yield "pairings", {"id": new_id(), "person_id": person, "child_id": child, **rhythm}
    consent = {"purpose": CARE, "way": "paper", "text_version": "1", "given_on": today}
    yield "consents", {"id": new_id(), "child_id": child, **consent}


def _person(vault: Vault, id: str, chat: int, role: str, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    name = vault.seal(f"{role} {chat}", f"people.name:{id}")
    uncleared = dict.fromkeys(("vetted_on", "trained_on", "conduct_on"))
    known = {"name": name, "chat_id": chat, "language": "en", "created_at": now}
    yield "people", {"id": id} | known | uncleared
    yield "roles", {"id": new_id(), "person_id": id, "role": role, "starts_on": now.date().replace(day=1)}


def _family(vault: Vault, number: int, home: str, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """A child and its grandmother."""
    child, person, today = new_id(), new_id(), now.date().replace(day=1)
    yield from _person(vault, person, FIRST_FAMILY + number, "guardian", now)
    called = vault.seal(SHOWN, f"children.short_name:{child}")
    known = {"short_name": called, "joined_on": today, "created_at": now}
    yield "children", {"id": child, "code": f"F-{number:06d}", "home_id": home, **known}
    bond = {"person_id": person, "child_id": child, "relation": "grandmother", "caregiver": True}
    yield "guardianships", {"id": new_id()} | bond


if __name__ == "__main__":
    import sys

    asyncio.run(furnish(sys.argv[1], *map(int, sys.argv[2:])))
