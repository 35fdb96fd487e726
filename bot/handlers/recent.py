"""/recent: the latest entries in one's reach, on a board that moves as new ones arrive; and the page of one record."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.command import Command
from bot.engine.message import Message, Rows, Verb
from bot.engine.scene import Scene
from bot.engine.show import listing, open_history, open_page, openers
from care.access import Action
from care.refusal import Refusal
from care.text import T, Text
from storage import records

SHOWN = 8
NOTHING = T("Nothing has been logged yet. As soon as somebody logs a visit, a talk or an activity, it appears here.")


async def run(scene: Scene, _: str) -> None:
    text, rows = await _board(scene)
    scene.say(text, rows, card=scene.fresh_card("recent"), protect=True)


async def refresh(scene: Scene, card_id: str) -> None:
    text, rows = await _board(scene)
    scene.tell(
        Message(
            scene.actor.chat_id,
            Verb.EDIT,
            text,
            rows,
            card_id,
            person_id=scene.actor.person_id,
            needs=Action.SEE_RECORDS,
            protect=True,
        )
    )


async def _board(scene: Scene) -> tuple[Text, Rows]:
    found = await records.recent(scene.tx, scene.actor, SHOWN)
    scene.note(Action.SEE_RECORDS, "records", "recent")
    if not found:
        return NOTHING, ()
    heading = T("<b>Latest entries</b>, {at}", at=scene.now)
    return T(
        "{heading}\n{told}\n\nTap a number to open it.", heading=heading, told=listing(found, author=True)
    ), openers(found, COMMAND)


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case ["open", record_id]:
            await open_page(scene, COMMAND, record_id)
        case ["history", record_id]:
            await open_history(scene, record_id)
        case _:
            raise Refusal


COMMAND = Command("recent", Action.SEE_RECORDS, run, T("Latest entries"), tapped=tapped, refresh=refresh, door=True)
