"""The morning's digest: at 08:00 each person hears at once what was kept for them, or what no earlier one could say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.engine.duty import Rule, Tick
from bot.engine.message import Message
from bot.engine.nudging import DIGEST_HOUR, digests
from care.access import Action, may
from storage import nudges, people
from storage.database import Tx
from storage.nudges import SAID, SETTLED, Noted


async def run(tx: Tx, tick: Tick) -> Sequence[Message]:
    if not tick.days_at(DIGEST_HOUR):
        return ()
    await nudges.put_back(tx)
    waiting = await nudges.folded(tx, tick.now)
    sayable = await _rightful(tx, tick, await _owed(tx, tick, waiting))
    left = {noted.id for noted in waiting} - {noted.id for noted in sayable}
    await nudges.set_state(tx, left, SETTLED, tick.now)
    made = digests(sayable, tick.now)
    await nudges.set_state(tx, [id for _, ids in made for id in ids], SAID, tick.now)
    return [message for message, _ in made]


async def _owed(tx: Tx, tick: Tick, waiting: Sequence[Noted]) -> list[Noted]:
    """Much can have been met, or ended, since it was kept for the morning."""
    gone: set[str] = set()
    for duty in tick.duties:
        keys = {noted.owed for noted in waiting if noted.owed.partition(":")[0] == duty.name}
        if keys:
            gone |= keys - set(await duty.still(tx, keys))
    return [noted for noted in waiting if noted.owed not in gone]


async def _rightful(tx: Tx, tick: Tick, waiting: Sequence[Noted]) -> list[Noted]:
    """To who may still hear it, in the chat they have now: a queued message must not outlive the right to it."""
    known = await people.by_ids(tx, {noted.person_id for noted in waiting})
    actors = await people.actors(tx, {one.chat_id for one in known.values() if one.chat_id}, tick.today)
    rightful = []
    for noted in waiting:
        person = known.get(noted.person_id)
        actor = actors.get(person.chat_id or 0) if person else None
        if actor and actor.person_id == noted.person_id and may(actor, Action(noted.needs)):
            rightful.append(replace(noted, chat_id=actor.chat_id))
    return rightful


RULE = Rule("digest", run, last=True)
