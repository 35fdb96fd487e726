"""The morning's digest: at 08:00 each person hears at once what was kept for them, or what no earlier one could say."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.digest import digests, sayable
from bot.engine.duty import Rule, Tick
from bot.engine.message import Message
from bot.engine.nudging import DIGEST_HOUR
from storage import absences, nudges
from storage.database import Tx
from storage.nudges import SETTLED, Noted


async def run(tx: Tx, tick: Tick) -> Sequence[Message]:
    if not tick.days_at(DIGEST_HOUR):
        return ()
    await nudges.put_back(tx, tick.now)
    waiting = await _of_those_here(tx, await nudges.folded(tx, tick.now))
    asked = {duty.name: duty.still for duty in tick.duties}
    told = await sayable(tx, waiting, asked, tick.now.astimezone(tick.zone))
    left = {noted.id for noted in waiting} - {noted.id for noted in told}
    await nudges.set_state(tx, left, SETTLED, tick.now)
    made = digests(told, tick.now)
    await nudges.say(tx, {message.key: ids for message, ids in made}, tick.now)
    return [message for message, _ in made]


async def _of_those_here(tx: Tx, waiting: Sequence[Noted]) -> list[Noted]:
    """What somebody else is asked in their place waits until who is away is back."""
    away = await absences.running(tx, {noted.person_id for noted in waiting})
    taken = await nudges.asked_instead(tx, [one.id for one in away.values()])
    held = {(one.person_id, owed) for one in away.values() for owed in taken.get(one.id, ())}
    return [noted for noted in waiting if (noted.person_id, noted.owed) not in held]


RULE = Rule("digest", run, last=True)
