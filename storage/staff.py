"""Who holds a role of a home, for many homes at once."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select

from care.people import Role
from storage.database import Tx
from storage.people import Person, read_person
from storage.prepared import Question
from storage.tables import COORDINATING, people, roles

_HOLDING = Question(
    select(people, roles.c.role, roles.c.home_id)
    .join(roles, roles.c.person_id == people.c.id)
    .where(
        roles.c.role == bindparam("role"),
        roles.c.ended_at.is_(None),
        roles.c.home_id.in_(bindparam("homes", expanding=True)),
    )
    .order_by(people.c.code, people.c.id)
)


async def of_homes(tx: Tx, role: Role, home_ids: Collection[str]) -> dict[str, list[Person]]:
    """By home: those who hold the role there now. A home where nobody does is absent."""
    if not home_ids:
        return {}
    found: dict[str, list[Person]] = {}
    for row in await _HOLDING.rows(tx, {"role": role.value, "homes": list(home_ids)}):
        found.setdefault(row.home_id, []).append(read_person(tx, row))
    return found


async def coordinators(tx: Tx) -> list[Person]:
    """Those of the whole district."""
    holding = (
        select(people, roles.c.role)
        .join(roles, roles.c.person_id == people.c.id)
        .where(COORDINATING, roles.c.ended_at.is_(None))
        .order_by(people.c.code, people.c.id)
    )
    return [read_person(tx, row) for row in await tx.rows(holding)]
