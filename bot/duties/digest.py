"""The morning's digest: at 08:00 each person hears at once what was kept for them, or what no earlier one could say."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.duty import Rule, Tick
from bot.engine.message import Message
from bot.engine.nudging import DIGEST_HOUR, digests
from storage import nudges
from storage.database import Tx
from storage.nudges import SAID


async def run(tx: Tx, tick: Tick) -> Sequence[Message]:
    if not tick.days_at(DIGEST_HOUR):
        return ()
    await nudges.put_back(tx)
    made = digests(await nudges.folded(tx, tick.now), tick.now)
    await nudges.set_state(tx, [id for _, ids in made for id in ids], SAID, tick.now)
    return [message for message, _ in made]


RULE = Rule("digest", run, last=True)
