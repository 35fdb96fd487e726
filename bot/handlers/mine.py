"""/mine: one's own records, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.engine.command import Command, resuming
from bot.engine.converse import flow_of
from bot.engine.scene import Scene
from bot.engine.show import listing, openers, page
from care.access import Action
from care.refusal import Refusal
from care.text import T
from storage import records

SHOWN = 8


async def run(scene: Scene, _: str) -> None:
    await _list(scene, None)


async def _list(scene: Scene, before: datetime | None) -> None:
    found = await records.mine(scene.tx, scene.actor, SHOWN, before)
    scene.note(Action.SEE_OWN_RECORDS, "records", "mine")
    drafts = tuple((resuming(one.id, T("▶ Unfinished: {title}", title=flow_of(scene, one).title)),) for one in scene.live[-3:])
    if not found:
        scene.say(T("You have not logged anything yet.") if before is None else T("That was all."), drafts)
        return
    older = ()
    if len(found) == SHOWN:
        older = ((COMMAND.button(T("Older ones ▶"), "older", str(int(found[-1].created_at.timestamp() * 1000))),),)
    text = T("<b>What you logged</b>\n{told}\n\nTap a number to open it.", told=listing(found))
    own = tuple(tuple(COMMAND.button(button.label, "open", found[i * 4 + j].id) for j, button in enumerate(row)) for i, row in enumerate(openers(found)))
    scene.say(text, (*own, *older, *drafts), protect=True)


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case ["older", stamp] if stamp.isdigit():
            await _list(scene, datetime.fromtimestamp(int(stamp) / 1000, UTC))
        case ["open", record_id]:
            saved = await records.one(scene.tx, scene.actor, record_id)
            scene.note("record.open", saved.kind, saved.id)
            scene.say(page(scene.registry, saved), protect=True)
        case _:
            raise Refusal


COMMAND = Command("mine", Action.SEE_OWN_RECORDS, run, T("What I logged"), tapped=tapped)
