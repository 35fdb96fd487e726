"""Statements that every batch of Turns makes for many rows, compiled once for each kind of database.

SQLAlchemy looks at each value of each row anew, which costs several times what SQLite then does with it. Here a row
becomes the driver's tuple by the columns' own types, and the other way round, and nothing else.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import CompoundSelect, Dialect, Executable, Select
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningInsert

from storage.compact import dump
from storage.database import Tx

_Process = Callable[[Any], Any] | None
_Asking = Select[Any] | CompoundSelect[Any] | ReturningInsert[Any]


class _Plan(NamedTuple):
    sql: str
    values: tuple[tuple[str, _Process], ...]
    fixed: Mapping[str, Any]


class Prepared:
    """`build` makes the statement for a transaction's kind of database; `names` are those of its values that a row
    brings along."""

    def __init__(self, build: Callable[[Tx], Executable], names: Collection[str]) -> None:
        self._build, self._names = build, tuple(names)
        self._plans: dict[str, _Plan] = {}

    async def run(self, tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        dialect = tx.connection.dialect
        if dialect.name not in self._plans:
            self._plans[dialect.name] = _plan(self._build(tx), self._names, dialect)
        plan = self._plans[dialect.name]
        await tx.run_many(plan.sql, [_row(plan, row) for row in rows])


def _plan(statement: Executable, names: Collection[str], dialect: Dialect) -> _Plan:
    compiled = cast(SQLCompiler, cast(Any, statement).compile(dialect=dialect, column_keys=list(names)))
    return _planned(compiled, names, dialect)


def _planned(compiled: SQLCompiler, names: Collection[str], dialect: Dialect) -> _Plan:
    order = compiled.positiontup or ()
    known = {name: compiled.binds[name] for name in order}
    processes = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in known.items()}
    fixed = {name: bind.value for name, bind in known.items() if name not in names}
    return _Plan(str(compiled), tuple((name, processes[name]) for name in order), fixed)


def _row(plan: _Plan, row: Mapping[str, Any]) -> tuple[Any, ...]:
    whole = row if not plan.fixed else {**plan.fixed, **row}
    # A list first: twice as fast as a generator.
    return tuple([whole[name] if process is None else process(whole[name]) for name, process in plan.values])


_LISTED = re.compile(r"\(__\[POSTCOMPILE_(\w+)\]\)")


class _Asked(NamedTuple):
    """`lists`: the names of those values that are lists. `made` makes a row of what `processes` make of its columns."""

    plan: _Plan
    lists: frozenset[str]
    processes: tuple[_Process, ...]
    made: Callable[..., Any]


class Question:
    """A SELECT, or an INSERT that returns rows. On SQLite's writer its lists go in as JSON, so that it is one text
    whatever their length, and its rows are made without SQLAlchemy; elsewhere it is an ordinary statement. Rows have
    the columns as attributes."""

    def __init__(self, statement: _Asking) -> None:
        self._statement = statement
        self._asked: _Asked | None = None

    async def rows(self, tx: Tx, values: Mapping[str, Any]) -> Sequence[Any]:
        if not tx.inline:
            return await tx.rows(self._statement, values)
        if self._asked is None:
            self._asked = _asked(self._statement, tx.connection.dialect)
        plan, lists, processes, made = self._asked
        told = {name: dump(list(value)).decode() if name in lists else value for name, value in values.items()}
        return [
            made(*[value if process is None else process(value) for process, value in zip(processes, row, strict=True)])
            for row in tx.fetch(plan.sql, _row(plan, told))
        ]


def _asked(statement: _Asking, dialect: Dialect) -> _Asked:
    compiled = cast(SQLCompiler, cast(Any, statement).compile(dialect=dialect))
    lists = frozenset(_LISTED.findall(compiled.string))
    plan = _planned(compiled, [name for name, bind in compiled.binds.items() if bind.required], dialect)
    values = tuple((name, None if name in lists else process) for name, process in plan.values)
    columns = list(statement.exported_columns)
    return _Asked(
        _Plan(_LISTED.sub("(SELECT value FROM json_each(?))", plan.sql), values, plan.fixed),
        lists,
        tuple(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns),
        namedtuple("row", [str(column.key) for column in columns]),
    )
