"""Whom a duty speaks to: the people of a role who can be reached, home by home; their deputies while they are away."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.engine.deputies import filled, present
from bot.engine.duty import Recipient
from care.people import Role
from storage import staff
from storage.database import Tx
from storage.people import Person


async def keepers_of(tx: Tx, role: Role, home_ids: Collection[str]) -> dict[str, list[Recipient]]:
    """By home; homes where nobody can be reached are absent."""
    found = await filled(tx, await staff.of_homes(tx, role, home_ids))
    return {home: to for home, people in found.items() if (to := recipients(people, role))}


async def coordinators(tx: Tx) -> list[Recipient]:
    """Those who are here; where all are away, all of them."""
    known = await staff.coordinators(tx)
    here = recipients(await present(tx, known), Role.COORDINATOR)
    return here or recipients(known, Role.COORDINATOR)


def recipients(people: Sequence[Person], role: Role) -> list[Recipient]:
    return [
        Recipient(one.id, one.chat_id, one.role or role, one.name, one.away)
        for one in people
        if one.chat_id and one.reachable
    ]
