"""Statements that every batch of Turns makes for many rows, compiled once for each kind of database.

SQLAlchemy looks at each value of each row anew, which costs several times what SQLite then does with it. Here a row
becomes the driver's tuple by the columns' own types, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import Dialect, Executable
from sqlalchemy.sql.compiler import SQLCompiler

from storage.database import Tx

_Process = Callable[[Any], Any] | None


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
    order = compiled.positiontup or ()
    known = {name: compiled.binds[name] for name in order}
    processes = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in known.items()}
    fixed = {name: bind.value for name, bind in known.items() if name not in names}
    return _Plan(str(compiled), tuple((name, processes[name]) for name in order), fixed)


def _row(plan: _Plan, row: Mapping[str, Any]) -> tuple[Any, ...]:
    whole = row if not plan.fixed else {**plan.fixed, **row}
    # A list first: twice as fast as a generator.
    return tuple([whole[name] if process is None else process(whole[name]) for name, process in plan.values])
