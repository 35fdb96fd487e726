"""The question of the day at ten, to whoever can be asked; and what the teacher hears at once of those who cannot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from bot.engine.check_ins import NAME, buttons, guardian_key
from bot.engine.duty import Nudge, Recipient, Tick
from bot.engine.keepers import keepers_of
from bot.engine.message import Button
from bot.engine.portions import portions
from care.access import Action
from care.check_in import ASK_HOUR, ASK_UNTIL, FROM_TEACHER, LADDER, LONGEST, State
from care.people import Role
from care.text import TN, T, Text, phrase, words
from storage import check_in_asks, check_ins, families
from storage.check_ins import New
from storage.database import Tx
from storage.families import Family, Relative

SOON = timedelta(seconds=30)
"""So long after the question it is looked at whether it was sent."""
NOT_ASKED = T(
    "I was out of order and could not ask the families about {day}. Please see whether all is well with the children."
)


async def ask(tx: Tx, tick: Tick, day: date) -> list[Nudge]:
    """The question of the day, to whoever can be asked; too late in the day it is not asked any more."""
    known_by = tick.moment(day, ASK_HOUR) if day < tick.today else tick.now
    unasked = await families.unasked(tx, day, known_by)
    if tick.now >= tick.moment(day, ASK_UNTIL.hour):
        return await _too_late(tx, tick, day, unasked)
    began: dict[str, str] = {}
    async for some in portions(unasked):
        began |= await check_ins.begin(tx, [_new(family, day, tick.now) for family in some])
    fresh = [family for family in unasked if family.child_id in began]
    by_guardian: defaultdict[str, list[tuple[Family, Relative]]] = defaultdict(list)
    for family in fresh:
        for one in family.first_asked:
            by_guardian[one.person_id].append((family, one))
    said = [_question(day, asked, tick) for asked in by_guardian.values()]
    async for pairs in portions(list(zip(said, by_guardian.items(), strict=True))):
        await check_in_asks.note_asks(
            tx, [(began[family.child_id], who, nudge.key) for nudge, (who, asked) in pairs for family, _ in asked]
        )
    listed = [(family.home_id, family.code) for family in fresh if family.out_of_reach]
    return [*said, *await to_call(tx, tick, day, listed)]


def _new(family: Family, day: date, now: datetime) -> New:
    if family.first_asked:
        return New(family.child_id, family.home_id, day, State.ASKING, family.out_of_reach, next_at=now + SOON)
    next_at = now + LADDER[FROM_TEACHER].after
    return New(family.child_id, family.home_id, day, State.LISTED, True, now, FROM_TEACHER, next_at)


def _question(day: date, asked: Sequence[tuple[Family, Relative]], tick: Tick) -> Nudge:
    """One message to one guardian, about all their children."""
    who = asked[0][1]
    return Nudge(
        owed=guardian_key(day, who.person_id),
        rung=f"ask:{asked[0][0].code}",
        to=Recipient(who.person_id, who.chat_id or 0, Role.GUARDIAN),
        text=_asking([family.short_name for family, _ in asked]),
        at=tick.now,
        latest=tick.moment(day, ASK_UNTIL.hour),
        needs=Action.ANSWER_CHECK_IN,
        free=True,
        answers=buttons(day.isoformat()),
    )


def _asking(short_names: Sequence[str]) -> Text:
    return TN(
        "Hello! Is {children} all right today? One tap is enough. Should anything worry you, just tell me.",
        "Hello! Are {children} all right today? One tap is enough. Should anything worry you, just tell me.",
        len(short_names),
        children=phrase(map(words, short_names)),
    )


async def _too_late(tx: Tx, tick: Tick, day: date, unasked: Sequence[Family]) -> list[Nudge]:
    rows = [New(family.child_id, family.home_id, day, State.NOT_ASKED) for family in unasked]
    began = await check_ins.begin(tx, rows)
    homes = {family.home_id for family in unasked if family.child_id in began}
    return await not_asked(tx, tick, day, homes)


# --- the teacher


async def not_asked(tx: Tx, tick: Tick, day: date, homes: Collection[str]) -> list[Nudge]:
    return [
        nudge
        for home, teachers in (await keepers_of(tx, Role.TEACHER, homes)).items()
        for nudge in _to_home(NOT_ASKED(day=day), f"not_asked:{tick.now:%d%H%M}", day, home, teachers, tick)
    ]


async def to_call(tx: Tx, tick: Tick, day: date, listed: Iterable[tuple[str, str]]) -> list[Nudge]:
    """The teacher's call list, from the first minute. `listed`: home and code of each child that came onto it just
    now; it comes onto the list of a day but once, so the first of them names the line."""
    by_home: defaultdict[str, list[str]] = defaultdict(list)
    for home, code in listed:
        by_home[home].append(code)
    return [
        nudge
        for home, teachers in (await keepers_of(tx, Role.TEACHER, by_home)).items()
        for nudge in _to_home(
            _families_to_call(day, len(by_home[home])), f"list:{min(by_home[home])}", day, home, teachers, tick
        )
    ]


def _families_to_call(day: date, count: int) -> Text:
    """The day is named: after an outage it may be read days later."""
    return TN(
        "Check-in of {day}: {count} family cannot be asked here. Please call them when you can.",
        "Check-in of {day}: {count} families cannot be asked here. Please call them when you can.",
        count,
        day=day,
    )


def _to_home(text: Text, rung: str, day: date, home: str, teachers: Iterable[Recipient], tick: Tick) -> Iterable[Nudge]:
    for to in teachers:
        yield Nudge(
            owed=f"{NAME}:{day.isoformat()}:home:{home}",
            rung=rung,
            to=to,
            text=text,
            at=tick.now,
            latest=tick.moment(day, ASK_HOUR) + LONGEST,
            needs=Action.SEE_CHECK_INS,
            opens=Button(T("📋 Open the list"), f"b|today|home|{home}"),
            free=True,
        )
