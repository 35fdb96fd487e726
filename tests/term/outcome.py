"""What came of a term, without what may differ between two runs: ids, moments, numbers of records."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from storage import tables
from storage.database import Tx, open_database
from storage.vault import Vault
from tests.stage import KEY
from tests.term.district import ids_by_code

Outcome = Mapping[str, Sequence[str]]
"""Sorted lines by what they tell of."""


async def outcome(url: str) -> Outcome:
    database = open_database(url, Vault(KEY))
    try:
        async with database.reading() as tx:
            named = await _names(tx)
            return {
                "records": sorted([line async for line in _records(tx, named)]),
                "check-ins": sorted([line async for line in _check_ins(tx, named)]),
                "reports": sorted([line async for line in _reports(tx, named)]),
                "concerns": sorted([line async for line in _concerns(tx, named)]),
                "acknowledged": sorted([line async for line in _receipts(tx, named)]),
            }
    finally:
        await database.close()


def digest(found: Outcome) -> str:
    return hashlib.sha256(json.dumps(found, ensure_ascii=False).encode()).hexdigest()[:12]


async def _names(tx: Tx) -> dict[str, str]:
    """The code behind each id."""
    found: dict[str, str] = {}
    for table in (tables.people, tables.children, tables.homes):
        found |= {id: code for code, id in (await ids_by_code(tx, table)).items()}
    return found


async def _records(tx: Tx, named: Mapping[str, str]) -> AsyncIterator[str]:
    rows = tables.records
    for row in await tx.rows(select(rows)):
        body = tx.vault.open_json(row.body, f"records.body:{row.id}")
        told = json.dumps(_plain(body, named), sort_keys=True, ensure_ascii=False)
        yield f"{row.kind} {named[row.home_id]} {named[row.author_id]} {row.happened_on} {row.status} {told}"


def _plain(value: Any, named: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one, named) for key, one in value.items() if key != "media"}
    if isinstance(value, list):
        return sorted((_plain(one, named) for one in value), key=str)
    return named.get(value, value) if isinstance(value, str) else value


async def _check_ins(tx: Tx, named: Mapping[str, str]) -> AsyncIterator[str]:
    for row in await tx.rows(select(tables.check_ins)):
        by = named.get(row.answered_by or "", "")
        yield f"{named[row.child_id]} {row.day} {row.state} {row.answer} {row.way} {by} closed: {bool(row.closed_at)}"


async def _reports(tx: Tx, named: Mapping[str, str]) -> AsyncIterator[str]:
    rows = tables.monthly_reports
    for row in await tx.rows(select(rows)):
        by = named.get(row.decided_by or "", "")
        yield f"{named[row.home_id]} {row.period} {row.state} {row.first_submitted_on} {by}"


async def _concerns(tx: Tx, named: Mapping[str, str]) -> AsyncIterator[str]:
    about: dict[str, list[str]] = {}
    for row in await tx.rows(select(tables.concern_children)):
        about.setdefault(row.concern_id, []).append(named[row.child_id])
    for row in await tx.rows(select(tables.concerns)):
        owner = named.get(row.owner_id or "", "")
        whom = sorted(about.get(row.id, ()))
        end = f"closed: {bool(row.closed_at)} {row.why}"
        yield f"{named[row.home_id]} {whom} {row.level} {row.source_kind} {owner} {end}"


async def _receipts(tx: Tx, named: Mapping[str, str]) -> AsyncIterator[str]:
    topics = {row.id: row.topic or "" for row in await tx.rows(select(tables.notices))}
    for row in await tx.rows(select(tables.receipts)):
        yield f"{topics[row.notice_id]} {named[row.person_id]} {row.state} {bool(row.acknowledged_at)}"


def differences(one: Outcome, other: Outcome) -> Iterator[str]:
    """Lines that only one of them has."""
    for what in one:
        for line in sorted({*one[what]} ^ {*other[what]}):
            yield f"{what}: {'-' if line in one[what] else '+'} {line}"
