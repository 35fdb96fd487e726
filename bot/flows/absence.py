"""'I am away until ...': until when, and who stands in. /away begins it; a coordinator does so from a person's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.engine import absences
from bot.engine.flow import Ask, Choice, Flow
from bot.engine.scene import Scene
from care.absence import NOBODY, GoingAway
from care.access import Action, may
from care.text import T, words
from storage import people


async def _whom(scene: Scene, _: Mapping[str, Any]) -> Sequence[Choice]:
    """Oneself; a coordinator anybody who holds a role."""
    named = {scene.actor.person_id: scene.actor.name}
    if may(scene.actor, Action.SET_AWAY):
        named |= {one.person_id: one.name for one in await people.holdings(scene.tx, scene.actor)}
    return [Choice(id, words(name)) for id, name in named.items()]


async def _deputies(scene: Scene, answers: Mapping[str, Any]) -> Sequence[Choice]:
    found = await absences.candidates(scene, answers.get("who") or scene.actor.person_id)
    return [*found, Choice(NOBODY, T("Nobody in particular"))]


async def finish(scene: Scene, record: GoingAway) -> None:
    await absences.go(scene, record)


FLOW = Flow(
    "absence",
    version=1,
    needs=Action.BE_AWAY,
    title=T("Being away"),
    record=GoingAway,
    done=T("Noted."),
    finish=finish,
    changes_people=True,
    review=False,
    menu=False,
    given="who",
    asks=(
        Ask("who", T("Who"), T("Who is away?"), _whom, optional=True),
        Ask("until", T("Until"), T("Away until which day, that day included? Tap it, or type it like “6.1”.")),
        Ask("deputy", T("Who stands in"), T("Who stands in? Reminders go there meanwhile."), _deputies),
    ),
)
