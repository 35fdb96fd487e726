"""The means by which a roster is written: rows compared, sealed, and added or changed in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import LargeBinary, Row, Table, bindparam, insert, select, update

from care.roster import Placed, Remark
from care.text import Text
from storage import audit
from storage.database import Tx
from storage.people import phone_hash
from storage.vault import new_id

ACTOR = "load"
State = dict[str, Any]
Ids = Mapping[str, str]
"""Code -> id."""


@dataclass(frozen=True, slots=True)
class Count:
    """Rows of one table: how many the load added, changed, and found as they were."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was written; `ids` of homes, children and people, those that were there before included."""

    counts: Mapping[str, Count]
    notes: tuple[Remark, ...]
    ids: Mapping[str, Ids]


@dataclass
class Load:
    """One load under way. `touched`: by a row's identity, whether it was added or changed."""

    tx: Tx
    today: date
    now: datetime
    touched: dict[int, str] = field(default_factory=dict)
    notes: list[Remark] = field(default_factory=list)
    entries: list[audit.Entry] = field(default_factory=list)

    def touch(self, placed: Placed[Any], how: str, kind: str, id: str) -> None:
        if how == "added" or _key(placed) not in self.touched:
            self.touched[_key(placed)] = how
        self.entries.append(audit.Entry(self.now, ACTOR, "roster.load", kind, id, detail=how))

    def note(self, placed: Placed[Any], column: str, says: Text) -> None:
        self.notes.append(placed.remark(column, says))

    def count(self, rows: Sequence[Placed[Any]]) -> Count:
        hows = [self.touched.get(_key(placed)) for placed in rows]
        return Count(hows.count("added"), hows.count("changed"), hows.count(None))


def _key(placed: Placed[Any]) -> int:
    return id(placed.row)


async def upsert(load: Load, table: Table, kind: str, blank: State, wanted: Sequence[tuple[Placed[Any], State]]) -> Ids:
    """Adds or changes rows by their code; the ids of all codes of the table. `blank` is a row as yet unknown."""
    stored = await load.tx.rows(select(table).where(table.c.code.isnot(None)))
    ids: dict[str, str] = {row.code: row.id for row in stored}
    states = {row.code: row for row in stored}
    now_is: dict[str, State] = {}
    added: set[str] = set()
    changed: set[str] = set()
    for placed, given in wanted:
        code = given["code"]
        before = now_is.get(code) or (_opened(load.tx, table, states[code], blank) if code in states else None)
        after = _merged(before or blank, given)
        if before is None:
            ids[code] = new_id()
            added.add(code)
            load.touch(placed, "added", kind, ids[code])
        elif after != before:
            changed.add(code)
            load.touch(placed, "changed", kind, ids[code])
        now_is[code] = after
    await add_rows(
        load.tx,
        table,
        [
            _sealed(load.tx, table, ids[code], now_is[code]) | {"created_at": load.now}
            for code in now_is
            if code in added
        ],
    )
    await change_rows(
        load.tx, table, [_sealed(load.tx, table, ids[code], now_is[code]) for code in now_is if code in changed - added]
    )
    return ids


def _merged(before: State, given: State) -> State:
    details = {**before["details"], **given["details"]}
    return {**before, **given, "details": {name: value for name, value in details.items() if value}}


def _sealed_columns(table: Table) -> set[str]:
    return {column.name for column in table.c if isinstance(column.type, LargeBinary)} - {"phone_hash"}


def _opened(tx: Tx, table: Table, row: Row[Any], blank: State) -> State:
    """A stored row in the shape of `blank`, its sealed columns open."""
    state = {name: getattr(row, name) for name in blank}
    for name in _sealed_columns(table) & blank.keys() - {"details"}:
        state[name] = tx.vault.open_text(state[name], f"{table.name}.{name}:{row.id}")
    where = f"{table.name}.details:{row.id}"
    state["details"] = tx.vault.open_json(state["details"], where) if state["details"] else {}
    return {name: "" if value is None and blank[name] == "" else value for name, value in state.items()}


def _sealed(tx: Tx, table: Table, id: str, state: State) -> State:
    values = {"id": id, **state}
    for name in _sealed_columns(table) & state.keys() - {"details"}:
        values[name] = tx.vault.seal_text(state[name], f"{table.name}.{name}:{id}")
    values["details"] = tx.vault.seal_json(state["details"], f"{table.name}.details:{id}") if state["details"] else None
    if "phone" in state:
        values["phone_hash"] = phone_hash(tx.vault, state["phone"]) if state["phone"] else None
    return values


async def add_rows(tx: Tx, table: Table, values: Sequence[State]) -> None:
    if values:
        await tx.run(insert(table), values)


async def change_rows(tx: Tx, table: Table, values: Sequence[State]) -> None:
    """Each of `values` holds the id of its row and the same columns to set."""
    if values:
        columns: dict[str, Any] = {name: bindparam(name) for name in values[0] if name != "id"}
        statement = update(table).where(table.c.id == bindparam("row_id")).values(columns)
        await tx.run(statement, [{**value, "row_id": value["id"]} for value in values])
