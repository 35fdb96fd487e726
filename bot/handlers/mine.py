"""/mine: one's own records, newest first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.engine import amend
from bot.engine.command import Command, resuming
from bot.engine.converse import flow_of
from bot.engine.message import Rows
from bot.engine.scene import Scene
from bot.engine.show import listing, open_history, open_page, openers
from care.access import Action
from care.refusal import Refusal
from care.text import T
from storage import records

SHOWN = 8
_STAMP = re.compile("[0-9]{1,14}")
"""Milliseconds."""


async def run(scene: Scene, _: str) -> None:
    await _list(scene, None)


async def _list(scene: Scene, before: datetime | None) -> None:
    found = await records.mine(scene.tx, scene.actor, SHOWN, before)
    scene.note(Action.SEE_OWN_RECORDS, "records", "mine")
    drafts = tuple(
        (resuming(one.id, T("▶ Unfinished: {title}", title=flow_of(scene, one).title)),) for one in scene.live[-3:]
    )
    if not found:
        scene.say(T("You have not logged anything yet.") if before is None else T("That is all."), drafts)
        return
    older: Rows = ()
    if len(found) == SHOWN:
        older = ((COMMAND.button(T("Older ones ▶"), "older", str(int(found[-1].created_at.timestamp() * 1000))),),)
    text = T("<b>What you logged</b>\n{told}\n\nTap a number to open it.", told=listing(found))
    scene.say(text, (*openers(found, COMMAND), *older, *drafts), protect=True)


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case ["older", stamp] if _STAMP.fullmatch(stamp):
            await _list(scene, datetime.fromtimestamp(int(stamp) / 1000, UTC))
        case ["open", record_id]:
            await open_page(scene, COMMAND, record_id)
        case ["history", record_id]:
            await open_history(scene, record_id)
        case ["undo", record_id]:
            await amend.undo(scene, COMMAND, record_id)
        case ["again", record_id]:
            await amend.again(scene, record_id)
        case ["correct", record_id]:
            await amend.correct(scene, record_id)
        case _:
            raise Refusal


COMMAND = Command("mine", Action.SEE_OWN_RECORDS, run, T("What I logged"), tapped=tapped, door=True)
