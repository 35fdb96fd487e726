"""The children whom the people of a batch reach: looked up once for all its volunteers, when the first of them asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from care.access import Action, may
from care.children import Child
from care.people import Actor, Role
from storage import children
from storage.database import Tx


class Nearby:
    """Of these actors as they are; thrown away when anything has changed who may see whom."""

    def __init__(self, actors: Iterable[Actor] = ()) -> None:
        self._volunteers = {one.person_id: one for one in actors if one.roles == {Role.VOLUNTEER}}
        self._found: Mapping[str, list[Child]] | None = None

    async def children(self, tx: Tx, actor: Actor, action: Action) -> list[Child]:
        """As `storage.children.children`."""
        if self._volunteers.get(actor.person_id) is not actor or not may(actor, action):
            return await children.children(tx, actor, action)
        if self._found is None:
            self._found = await children.of_volunteers(tx, self._volunteers.values())
        return self._found.get(actor.person_id, [])
