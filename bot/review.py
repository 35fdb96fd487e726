"""What is looked at once more at the moment of sending: is it still owed, is the person still to have it, is it a good
hour. A queued message must not outlive the right to send it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from bot.engine.digest import as_they_stand
from bot.engine.duty import StillOwed
from bot.engine.message import Priority
from bot.engine.registry import Registry
from bot.telegram.courier import Review, Stay
from care.access import Action, may
from care.calendar import QUIET_UNTIL, quiet
from storage import people
from storage.database import Tx
from storage.outbox import Due

EMERGENCY = "emergency:"
"""What is about such a thing goes out at any hour."""
NO_RIGHT = Stay("may not be sent any more")
NOT_OWED = Stay("not owed any more")


def review_of(registry: Registry, now: Callable[[], datetime], zone: tzinfo) -> Review:
    """A rule that names its messages by what they are `about` says which of them are still owed."""
    asked = {rule.about: rule.owed for rule in registry.rules if rule.about and rule.owed}
    asked |= {duty.name: duty.still for duty in registry.duties}

    async def review(tx: Tx, due: Sequence[Due]) -> Mapping[int, Stay | Due]:
        moment = now().astimezone(zone)
        stays = dict.fromkeys(await _unrightful(tx, due, moment), NO_RIGHT)
        stays |= dict.fromkeys(await _not_owed(tx, due, asked), NOT_OWED)
        anew = await as_they_stand(tx, [one for one in due if one.id not in stays], asked, moment)
        told = {id: digest or NOT_OWED for id, digest in anew.items()}
        return told | dict(_at_a_bad_hour(due, moment)) | stays

    return review


async def _unrightful(tx: Tx, due: Sequence[Due], moment: datetime) -> Collection[int]:
    guarded = [one for one in due if one.needs]
    if not guarded:
        return ()
    actors = await people.actors(tx, {one.chat_id for one in guarded}, moment.date())
    return [
        one.id for one in guarded if not (actor := actors.get(one.chat_id)) or not may(actor, Action(one.needs or ""))
    ]


async def _not_owed(tx: Tx, due: Sequence[Due], asked: Mapping[str, StillOwed]) -> Collection[int]:
    gone: list[int] = []
    for prefix, owed in asked.items():
        about = {one.id: one.about for one in due if one.about and one.about.partition(":")[0] == prefix}
        if about:
            still = await owed(tx, set(about.values()))
            gone += [id for id, what in about.items() if what not in still]
    return gone


def _at_a_bad_hour(due: Sequence[Due], moment: datetime) -> Iterator[tuple[int, Stay]]:
    """Answers and what is urgent know no hours; the rest waits for the morning."""
    if not quiet(moment):
        return
    morning = moment.replace(hour=QUIET_UNTIL.hour, minute=QUIET_UNTIL.minute, second=0, microsecond=0)
    stay = Stay("quiet hours", morning if morning > moment else morning + timedelta(days=1))
    for one in due:
        if one.priority >= Priority.NUDGE and not (one.about or "").startswith(EMERGENCY):
            yield one.id, stay
