"""Reckoning with days inside a statement, the same on both engines."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class plus_days(FunctionElement[Any]):
    """A day, so many days later."""

    type = Date()
    name = "plus_days"
    inherit_cache = True


@compiles(plus_days, "sqlite")
def _on_sqlite(element: plus_days, compiler: Any, **more: Any) -> str:
    day, count = element.clauses
    return f"date({compiler.process(day, **more)}, {compiler.process(count, **more)} || ' days')"


@compiles(plus_days, "postgresql")
def _on_postgresql(element: plus_days, compiler: Any, **more: Any) -> str:
    day, count = element.clauses
    return f"(CAST({compiler.process(day, **more)} AS DATE) + {compiler.process(count, **more)})"
