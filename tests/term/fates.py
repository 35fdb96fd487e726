"""What befalls people: they block the bot and come back, lose their phone, hand a child over, go away for some days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from care.people import Role
from care.roster import Roster
from tests.term import doings
from tests.term.district import CHINA, new_phone, part
from tests.term.people import Person
from tests.term.phone import Screen

if TYPE_CHECKING:
    from tests.term.play import Play, Wanted

MOVED = 100_000
"""A new phone's chat is numbered so much higher."""


@dataclass(frozen=True, slots=True)
class Fate:
    """`other`: to whom a child is handed over. `until`: the last day away, for which a `deputy` is named or not."""

    at: datetime
    what: str
    code: str
    other: str = ""
    name: str = ""
    until: date | None = None
    deputy: bool = True

    async def come(self, play: Play) -> None:
        person, now = play.people.get(self.code), play.clock.now()
        if person is None:
            return
        match self.what:
            case "blocks":
                person.screen.block()
            case "returns" if person.screen.blocked:
                person.screen.unblock()
                play.plan(self.code, self.at, doings.say("/start"))
            case "loses":
                await self._new_phone(play, person, now)
            case "hands over":
                await self._hand_over(play, person, now)
            case "goes away":
                assert self.until
                person.away_until = self.until
                play.plan(self.code, self.at, doings.goes_away(self.until, deputy=self.deputy))
            case "comes back":
                person.away_until = None
                play.plan(self.code, self.at, doings.tap("b|away|back|"))

    async def _new_phone(self, play: Play, person: Person, now: datetime) -> None:
        chat_id = person.screen.chat_id + MOVED
        moved = replace(person.holder, chat_id=chat_id)
        play.world.add_phone(moved.phone)
        await new_phone(play.database, self.code, chat_id, now)
        person.holder, person.screen = moved, Screen(play.world, chat_id, play.done)
        play.plan(self.code, self.at, doings.say("/start"))

    async def _hand_over(self, play: Play, person: Person, now: datetime) -> None:
        """Their pairing ends, and the coordinator finds somebody else."""
        if not person.children:
            return
        child = person.children.pop(0)
        await part(play.database, self.code, child, now)
        if self.other in play.people:
            play.people[self.other].children.append(child)
        play.plan(play.coordinator().holder.code, self.at, doings.pairs(self.name, child))


def fates(wanted: Wanted, cast: Mapping[str, Person], roster: Roster) -> list[Fate]:
    """In order of time."""
    dice, days = Random(f"{wanted.seed}:fates"), max(1, (wanted.until - wanted.since).days)
    families = [code for code, one in cast.items() if one.holder.role is Role.GUARDIAN]
    mothers = [code for code, one in cast.items() if one.holder.role is Role.VOLUNTEER and one.children]
    found = []
    for code in _some(dice, families, max(1, days // 9)):
        at = _by_day(dice, wanted.since, days)
        back = at + timedelta(days=dice.randrange(1, 15), hours=dice.randrange(3))
        found += [Fate(at, "blocks", code), Fate(back, "returns", code)]
    for code in _some(dice, [*families, *mothers], max(1, days // 14)):
        found.append(Fate(_by_day(dice, wanted.since, days), "loses", code))
    for code in _some(dice, mothers, max(1, days // 14)):
        other = dice.choice([one for one in mothers if one != code] or [code])
        found.append(Fate(_by_day(dice, wanted.since, days), "hands over", code, other, cast[other].holder.name))
    teachers = [code for code, one in cast.items() if one.holder.role is Role.TEACHER]
    found += _journeys(Random(f"{wanted.seed}:away"), wanted, days, mothers, teachers)
    return sorted(found, key=lambda fate: fate.at)


def _journeys(
    dice: Random, wanted: Wanted, days: int, mothers: Sequence[str], teachers: Sequence[str]
) -> Iterator[Fate]:
    """Some days of which people tell the bot; every third comes back before the last."""
    for code in [*_some(dice, mothers, max(1, days // 7)), *_some(dice, teachers, max(1, days // 10))]:
        at, length = _by_day(dice, wanted.since, days), dice.randrange(2, 13)
        until = at.astimezone(CHINA).date() + timedelta(days=length)
        yield Fate(at, "goes away", code, until=until, deputy=dice.random() < 0.75)
        if dice.random() < 0.33:
            yield Fate(at + timedelta(days=dice.uniform(0.5, length)), "comes back", code)


def _some(dice: Random, codes: Sequence[str], most: int) -> list[str]:
    return dice.sample(list(codes), min(most, len(codes)))


def _by_day(dice: Random, since: datetime, days: int) -> datetime:
    return since + timedelta(days=dice.uniform(0.3, days), minutes=dice.randrange(60))
