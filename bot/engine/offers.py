"""What an Ask can offer from the database, scoped by the actor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.engine.flow import Choice, Offer
from bot.engine.scene import Scene
from care.access import Action
from care.text import words
from storage import children


def children_for(action: Action) -> Offer:
    """The children whom the actor reaches with this permission; only those of the home, once one is chosen."""

    async def offer(scene: Scene, answers: Mapping[str, Any]) -> Sequence[Choice]:
        found = await children.children(scene.tx, scene.actor, action)
        home = answers.get("home")
        return [
            Choice(child.id, child.called, words(child.short_name)) for child in found if home in (None, child.home_id)
        ]

    return offer


def homes_for(action: Action) -> Offer:
    async def offer(scene: Scene, _: Mapping[str, Any]) -> Sequence[Choice]:
        return [Choice(home.id, words(home.name)) for home in await children.homes(scene.tx, scene.actor, action)]

    return offer
