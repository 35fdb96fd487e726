"""An absence ends with its last day: the two hear so the next morning."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.absences import over
from bot.engine.duty import Rule, Tick
from bot.engine.message import Message
from care.text import words
from storage import absences, nudges, people
from storage.database import Tx

BY_ITSELF = "system"


async def run(tx: Tx, tick: Tick) -> Sequence[Message]:
    ended = await absences.over(tx, tick.today)
    await absences.end(tx, [one.id for one in ended], BY_ITSELF, tick.now, tick.today)
    for one in ended:
        await nudges.take_back(tx, one.id)
    known = await people.by_ids(tx, {id for one in ended for id in (one.person_id, one.deputy_id) if id})
    messages: list[Message] = []
    for one in ended:
        chats = [(id, known[id].chat_id) for id in (one.person_id, one.deputy_id) if id in known]
        messages += over(one, words(known[one.person_id].name), [(id, chat) for id, chat in chats if chat])
    return messages


RULE = Rule("absences", run)
