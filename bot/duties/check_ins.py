"""The check-in: asked at ten on its days, and climbing from the moment it was sent until somebody has answered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from bot.duties.check_in_asking import ask
from bot.duties.check_in_climbing import look
from bot.duties.check_in_owed import counted, owed
from bot.engine.check_ins import NAME
from bot.engine.duty import Duty, Nudge, Tick
from care.access import Action
from care.calendar import is_check_in_day
from care.check_in import ASK_HOUR
from care.text import T
from storage import check_in_answers, check_in_asks, check_ins
from storage.database import Tx

AT_ONCE = 5000


async def due(tx: Tx, tick: Tick) -> Sequence[Nudge]:
    said: list[Nudge] = []
    for day in reversed(tick.days_at(ASK_HOUR)):
        if is_check_in_day(tick.calendar, day):
            said += await ask(tx, tick, day)
    while many := await check_ins.due(tx, tick.now, AT_ONCE):
        said += await look(tx, tick, many)
    return said


async def still(tx: Tx, keys: Collection[str]) -> Collection[str]:
    """Looked at just before it is said: nothing climbs once there is an answer."""
    parts = {key: key.split(":") for key in keys}
    calls = {key: own[2] for key, own in parts.items() if own[1] == "call"}
    homes = {key for key, own in parts.items() if own[2] == "home"}
    guardians = {key: (date.fromisoformat(own[1]), own[2]) for key, own in parts.items() if _is_guardians(own)}
    adults = set(keys) - calls.keys() - homes - guardians.keys()
    asked = await check_in_asks.asked_in_vain(tx, set(guardians.values()))
    waiting = await check_in_asks.unsettled_abouts(tx, adults)
    open_calls = await check_in_answers.still_to_call(tx, set(calls.values()))
    return {
        *homes,
        *waiting,
        *(key for key, pair in guardians.items() if pair in asked),
        *(key for key, id in calls.items() if id in open_calls),
    }


def _is_guardians(parts: Sequence[str]) -> bool:
    return len(parts) == 3 and parts[1] != "call"


DUTY = Duty(
    NAME, Action.SEE_CHECK_INS, T("Check-ins"), due, owed, still=still, reach=timedelta(days=7), counted=counted
)
