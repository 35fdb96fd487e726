"""Statements that every batch of Turns makes, compiled once for each kind of database.

SQLAlchemy looks at each value of each row anew, which costs several times what SQLite then does with it. Here a row
becomes the driver's tuple by the columns' own types, and the other way round, and nothing else.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import CompoundSelect, Delete, Dialect, Executable, Select, Update
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningInsert

from storage.compact import dump
from storage.database import Tx

_Process = Callable[[Any], Any] | None
_LISTED = re.compile(r"\(__\[POSTCOMPILE_\w+\]\)")


class _Plan(NamedTuple):
    """`row` makes the driver's tuple of a row's values, behind which the `fixed` ones stand."""

    sql: str
    row: Callable[[Sequence[Any]], tuple[Any, ...]]
    fixed: tuple[Any, ...]


def _made(places: Sequence[tuple[int, _Process]]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """A function for these columns and no others: where in a row each value stands, and what is made of it. Every row
    that is written or read goes through one, and a loop over its columns takes twice as long."""
    parts = [f"row[{place}]" if process is None else f"p{n}(row[{place}])" for n, (place, process) in enumerate(places)]
    processes = {f"p{n}": process for n, (_, process) in enumerate(places)}
    words = f"lambda row: ({''.join(f'{part},' for part in parts)})"  # our own, and nothing in them but numbers
    made: Callable[[Sequence[Any]], tuple[Any, ...]] = eval(words, processes)
    return made


class Prepared:
    """A write for many rows. `build` makes the statement for a transaction's kind of database; `names` are those of
    its values that a row brings along, in their order."""

    def __init__(self, build: Callable[[Tx], Executable], names: Collection[str]) -> None:
        self._build, self._names = build, tuple(names)
        self._plans: dict[str, _Plan] = {}

    async def run(self, tx: Tx, rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        dialect = tx.connection.dialect
        if dialect.name not in self._plans:
            statement = cast(Any, self._build(tx))
            compiled = statement.compile(dialect=dialect, column_keys=list(self._names))
            self._plans[dialect.name] = _plan(compiled, self._names, dialect)
        plan = self._plans[dialect.name]
        await tx.run_many(plan.sql, [_row(plan, row) for row in rows])


def _plan(compiled: SQLCompiler, names: Sequence[str], dialect: Dialect) -> _Plan:
    """Lists are taken as JSON, wherever a statement has any."""
    order, binds = compiled.positiontup or (), compiled.binds
    fixed = [name for name in dict.fromkeys(order) if name not in names]
    place = {name: number for number, name in enumerate((*names, *fixed))}
    processes = {
        name: _as_json if binds[name].expanding else binds[name].type.dialect_impl(dialect).bind_processor(dialect)
        for name in place
    }
    return _Plan(
        _LISTED.sub("(SELECT value FROM json_each(?))", str(compiled)),
        _made([(place[name], processes[name]) for name in order]),
        tuple(binds[name].value for name in fixed),
    )


def _as_json(values: Collection[Any]) -> str:
    return dump(list(values)).decode()


def _row(plan: _Plan, row: Sequence[Any]) -> tuple[Any, ...]:
    return plan.row((*row, *plan.fixed) if plan.fixed else row)


class _Said:
    """A statement that on SQLite's writer is one text however long its lists are."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._plan: _Plan | None = None
        self._names: tuple[str, ...] = ()

    def words(self, tx: Tx, values: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
        """The statement in the driver's words, and its values."""
        if self._plan is None:
            dialect = tx.connection.dialect
            compiled = cast(SQLCompiler, self.statement.compile(dialect=dialect))
            self._names = tuple(name for name, bind in compiled.binds.items() if bind.required)
            self._plan = _plan(compiled, self._names, dialect)
        return self._plan.sql, _row(self._plan, [values[name] for name in self._names])


class Order(_Said):
    """An UPDATE or DELETE, given once."""

    def __init__(self, statement: Update | Delete) -> None:
        super().__init__(statement)

    async def run(self, tx: Tx, values: Mapping[str, Any]) -> int:
        """How many rows it touched."""
        return tx.change(*self.words(tx, values)) if tx.inline else await tx.run(self.statement, values)


class Question(_Said):
    """A SELECT, or an INSERT that returns rows. Rows have the columns as attributes; on SQLite's writer they are made
    without SQLAlchemy."""

    def __init__(self, statement: Select[Any] | CompoundSelect[Any] | ReturningInsert[Any]) -> None:
        super().__init__(statement)
        columns = list(statement.exported_columns)
        self._types = [column.type for column in columns]
        self._make = cast(Any, namedtuple("row", [str(column.key) for column in columns]))._make
        self._read: Callable[[Sequence[Any]], tuple[Any, ...]] | None = None

    async def rows(self, tx: Tx, values: Mapping[str, Any]) -> Sequence[Any]:
        if not tx.inline:
            return await tx.rows(self.statement, values)
        if self._read is None:
            dialect = tx.connection.dialect
            processes = [kind.dialect_impl(dialect).result_processor(dialect, None) for kind in self._types]
            self._read = _made(list(enumerate(processes)))
        read, make = self._read, self._make
        return [make(read(row)) for row in tx.fetch(*self.words(tx, values))]
