"""What an Ask can offer from the database, scoped by the actor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.engine.flow import Choice, Offer
from bot.engine.scene import Scene
from care.access import Action
from care.children import Child
from care.text import T, Text, words
from storage import children


def children_for(action: Action) -> Offer:
    """The children whom the actor reaches with this permission; only those of the home, once one is chosen. Where
    they are of several homes, each is shown with its own: many children have the same short name."""

    async def offer(scene: Scene, answers: Mapping[str, Any]) -> Sequence[Choice]:
        found = await scene.children(action)
        home = answers.get("home")
        offered = [child for child in found if home in (None, child.home_id)]
        several = len({child.home_id for child in offered}) > 1
        return [Choice(child.id, _label(child, several), words(child.short_name)) for child in offered]

    return offer


def _label(child: Child, several_homes: bool) -> Text:
    if not several_homes:
        return child.called
    return T("{one} · {other}", one=child.called, other=words(child.home_name))


def homes_for(action: Action) -> Offer:
    async def offer(scene: Scene, _: Mapping[str, Any]) -> Sequence[Choice]:
        return [Choice(home.id, words(home.name)) for home in await children.homes(scene.tx, scene.actor, action)]

    return offer
