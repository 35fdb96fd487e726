"""The district as its records tell it at the end of a term. Read by plain SQL: no code of the programme's rules."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import text

from storage.database import Tx, open_database
from storage.vault import Vault
from tests.term.books import Books

FIELDS = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, its values by name: days and moments read (aware UTC), JSON and sealed columns as they lie."""

    values: FIELDS

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass(frozen=True, slots=True)
class Entry:
    """A version of a record, which counts from `since` to `until` (for ever where that is None). `met`: the child was
    reached."""

    id: str
    number: str
    kind: str
    home_id: str
    author_id: str
    on: date
    since: datetime
    until: datetime | None
    children: frozenset[str]
    met: bool
    what: str = ""
    """The kind of an activity."""


@dataclass(frozen=True)
class Facts:
    """Rows by table, and what is sealed in them opened: `names` and `full_names` of children, `people_names` by id;
    `words` of notices and follow-ups by id; `entries` of records."""

    tables: Mapping[str, tuple[Row, ...]]
    entries: tuple[Entry, ...]
    names: Mapping[str, str]
    full_names: Mapping[str, str]
    people_names: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    promised: Mapping[str, str]

    def __getitem__(self, table: str) -> tuple[Row, ...]:
        return self.tables[table]


TABLES = (
    "homes",
    "children",
    "people",
    "roles",
    "pairings",
    "guardianships",
    "absences",
    "consents",
    "conversations",
    "records",
    "record_children",
    "check_ins",
    "check_in_asks",
    "check_in_steps",
    "concerns",
    "concern_children",
    "notices",
    "receipts",
    "monthly_reports",
    "info_items",
    "follow_ups",
    "excuses",
    "calendar_overrides",
    "audit",
    "nudges",
)
"""Of `nudges` and `conversations` only who had which chat: a chat that somebody has left stands nowhere else."""


async def read_facts(books: Books) -> Facts:
    database = open_database(books.database, Vault(books.seal_key))
    try:
        async with database.reading() as tx:
            tables = {name: await _table(tx, name) for name in TABLES}
            return _opened(tx.vault, tables)
    finally:
        await database.close()


async def _table(tx: Tx, name: str) -> tuple[Row, ...]:
    rows = await tx.rows(text(f"SELECT * FROM {name}"))
    return tuple(Row({key: _plain(key, value) for key, value in row._mapping.items()}) for row in rows)


def _plain(name: str, value: Any) -> Any:
    """SQLite tells days and moments as words."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, str) and (name.endswith("_on") or name in ("day", "period")):
        return date.fromisoformat(value)
    if isinstance(value, str) and (name.endswith("_at") or name in ("at", "unreachable_since")):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value


def _opened(vault: Vault, tables: Mapping[str, tuple[Row, ...]]) -> Facts:
    def opened(table: str, column: str) -> dict[str, str]:
        sealed = ((row.id, row.values[column]) for row in tables[table])
        return {id: vault.open(value, f"{table}.{column}:{id}").decode() for id, value in sealed if value}

    bodies = {row.id: vault.open_json(row.body, f"records.body:{row.id}") for row in tables["records"]}
    said = {id: tuple(_strings(json.loads(body))) for id, body in opened("notices", "body").items()}
    return Facts(
        tables,
        tuple(_entries(tables, bodies)),
        opened("children", "short_name"),
        opened("children", "full_name"),
        opened("people", "name"),
        said,
        opened("follow_ups", "words"),
    )


def _entries(tables: Mapping[str, tuple[Row, ...]], bodies: Mapping[str, FIELDS]) -> Iterator[Entry]:
    about: defaultdict[str, set[str]] = defaultdict(set)
    for row in tables["record_children"]:
        about[row.record_id].add(row.child_id)
    ended = {row.supersedes: row.created_at for row in tables["records"] if row.supersedes}
    ended |= {row.object_id: row.at for row in tables["audit"] if row.action == "record.undo"}
    for row in tables["records"]:
        met = bodies[row.id].get("mood") != "not_met"
        until = ended.get(row.id) if row.status != "current" else None
        children = frozenset(about[row.id])
        yield Entry(
            row.id,
            row.number,
            row.kind,
            row.home_id,
            row.author_id,
            row.happened_on,
            row.created_at,
            until,
            children,
            met,
            str(bodies[row.id].get("what", "")),
        )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
