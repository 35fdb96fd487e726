"""Check-ins: on which days whom to ask about whom, and how a question climbs until somebody has answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from tests.term.checker.days import at, day_of, each
from tests.term.checker.district import District
from tests.term.checker.facts import Row
from tests.term.checker.owed import Due, Told, earliest
from tests.term.checker.sayings import ABOVE, ASK, LIST, NOT_ASKED, REMINDER, TEACHER, VOLUNTEER

HOUR = timedelta(hours=1)
APART = timedelta(seconds=1)
"""So far the clocks of the bot and of the server, each turned by itself, may be apart."""
LONGEST = 72 * HOUR
ANSWERS = frozenset({"well", "call", "come", "words"})
CLIMBING = frozenset({"call", "words"})
"""Answers with which it climbs on until somebody has called, or heard it. 'Come now' is a concern of its own ladder."""


People = Callable[[datetime], list[str]]


@dataclass(frozen=True, slots=True)
class Phase:
    """For so long a child's question climbs: `silent`, or answered with what an adult has yet to settle. `asked`: it
    went to a family, else it stands on the teacher's list from the start. `anew`: the answer was for another."""

    since: datetime
    until: datetime | None
    silent: bool
    asked: bool = True
    anew: bool = False


@dataclass
class CheckIns:
    district: District
    told: Sequence[Told]

    def dues(self) -> Iterator[Due]:
        books = self.district.books
        for day in each(day_of(books.since), day_of(books.until)):
            if self.district.almanac.check_in(day) and books.looked[0] < at(day, 10) < books.until:
                yield from self._asked(day)
        for (child, day), phases in sorted(self.phases.items()):
            for phase in phases:
                yield from self._climb(child, day, phase)

    # --- asking

    def _asked(self, day: date) -> Iterator[Due]:
        ten, word = at(day, 10), self.district.first_word(at(day, 10))
        if word >= at(day, 20):
            yield from self._not_asked(day, word)
            return
        listed: defaultdict[str, int] = defaultdict(int)
        for child in self.district.to_ask_about(ten):
            asked, alone = self._first_asked(child.id, word)
            met = self._answered_before(child.id, day)
            told_later = (child.id, day) in self._refused
            listed[child.home_id] += alone and not told_later and not (met and met <= word)
            for person in asked:
                yield Due(ASK, person, (child.id, day), ten, at(day, 20), self.district.called(child.id), met)
        yield from self._lists(day, listed)
        yield from self._lists_of_refused(day)

    def _first_asked(self, child: str, moment: datetime) -> tuple[list[str], bool]:
        """The caregivers with a chat, or, where there are none, the others; whether nobody who is with the child can
        be asked."""
        guardians = self.district.guardians(child, moment)
        reached = [row for row in guardians if self.district.reachable(row.person_id, moment)]
        caregivers = [row for row in reached if row.caregiver]
        return [row.person_id for row in caregivers or reached], not caregivers

    def _answered_before(self, child: str, day: date) -> datetime | None:
        """Who has told already this day is not asked, and stands on no list."""
        row = self.rows.get((child, day))
        return earliest(*(step.at for step in self.steps.get(row.id, ()) if step.kind in ANSWERS)) if row else None

    def _lists(self, day: date, listed: dict[str, int]) -> Iterator[Due]:
        """The teacher's call list, 'from the first minute'. How many they are is a word of the line."""
        for home, count in listed.items():
            for teacher in self.district.holders("teacher", home, at(day, 10)) if count else ():
                what = f"{count} families of {self.district.homes[home].name}"
                yield Due(LIST, teacher, (count, day), at(day, 10), at(day, 10) + LONGEST, what, once=(home, day))

    def _lists_of_refused(self, day: date) -> Iterator[Due]:
        """Who was asked and would not have it stands on the list from the moment at which that was seen."""
        seen: defaultdict[tuple[str, datetime], int] = defaultdict(int)
        for (child, asked_on), row in self._refused.items():
            if asked_on == day and row.asked_at and day_of(row.asked_at) == day:
                seen[self.district.children[child].home_id, row.asked_at] += 1
        for (home, moment), count in seen.items():
            for teacher in self.district.holders("teacher", home, moment):
                what, limit = f"{count} families of {self.district.homes[home].name}, refused", at(day, 10) + LONGEST
                yield Due(LIST, teacher, (count, day), moment, limit, what, once=(home, day, moment))

    @cached_property
    def _refused(self) -> dict[tuple[str, date], Row]:
        """On the list, though a caregiver was asked; none of these questions was ever accepted."""
        asked = {(row.check_in_id, row.person_id) for row in self.district.facts["check_in_asks"]}
        return {
            key: row
            for key, row in self.rows.items()
            if row.listed and key not in self._sent and self._caregivers(key[0], row) & asked
        }

    def _caregivers(self, child: str, row: Row) -> set[tuple[str, str]]:
        moment = row.asked_at or at(row.day, 10)
        return {(row.id, one.person_id) for one in self.district.guardians(child, moment) if one.caregiver}

    def _not_asked(self, day: date, word: datetime) -> Iterator[Due]:
        """Too late for the question: the teacher is told. Where only Telegram was out of reach, those who cannot be
        asked here anyway had been put on the list in time."""
        cut = any(one.why == "cut" and one.since <= at(day, 10) < one.until for one in self.district.books.away)
        homes: defaultdict[str, list[bool]] = defaultdict(list)
        listed: defaultdict[str, int] = defaultdict(int)
        for child in self.district.to_ask_about(at(day, 10)):
            asked, alone = self._first_asked(child.id, at(day, 10))
            homes[child.home_id].append(not asked)
            listed[child.home_id] += alone
        for home, out_of_reach in homes.items():
            for teacher in self.district.holders("teacher", home, word):
                what, limit = f"home {self.district.homes[home].name} on {day}", at(day, 10) + LONGEST
                must = not cut or not all(out_of_reach)
                yield Due(NOT_ASKED, teacher, (day,), at(day, 10), limit, what, must=must, once=(home, day))
                yield Due(LIST, teacher, (listed[home], day), at(day, 10), limit, what, must=False, once=(home, day))

    # --- climbing

    @cached_property
    def rows(self) -> dict[tuple[str, date], Row]:
        return {(row.child_id, row.day): row for row in self.district.facts["check_ins"]}

    @cached_property
    def steps(self) -> dict[str, list[Row]]:
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for row in sorted(self.district.facts["check_in_steps"], key=lambda row: row.at):
            found[row.check_in_id].append(row)
        return found

    @cached_property
    def _sent(self) -> dict[tuple[str, date], datetime]:
        """When the question about a child was first accepted."""
        found: dict[tuple[str, date], datetime] = {}
        for told in self.told:
            if told.line.kind == ASK and told.key and told.key not in found:
                child, day = told.key
                assert isinstance(child, str)
                assert isinstance(day, date)
                found[child, day] = told.at
        return found

    @cached_property
    def phases(self) -> dict[tuple[str, date], list[Phase]]:
        return {key: list(self._phases(key, row)) for key, row in self.rows.items() if row.state != "not_asked"}

    def _phases(self, key: tuple[str, date], row: Row) -> Iterator[Phase]:
        steps = self.steps.get(row.id, [])
        answers = [step for step in steps if step.kind in ANSWERS]
        later = row.answered_at if row.state == "later" else None
        since = self._sent.get(key) or row.asked_at
        anew = row.asked_at if any(step.at < row.asked_at for step in answers if row.asked_at) else None
        if since and since != anew:
            yield Phase(since, earliest(*(self._given(step) for step in answers), later), True, key in self._sent)
        if anew:
            yield Phase(anew, earliest(*(step.at for step in answers if step.at > anew), later), True, anew=True)
        for place, step in enumerate(answers):
            if step.kind in CLIMBING:
                closings = [one.at for one in steps if one.kind in ("called", "heard") and one.at > step.at]
                closed = row.closed_at if row.closed_at and row.closed_at > step.at else None
                after = answers[place + 1].at if place + 1 < len(answers) else None
                told_apart = anew if anew and anew >= step.at else None
                yield Phase(step.at, earliest(*closings, closed, after, told_apart), False)

    def _given(self, step: Row) -> datetime:
        """When the answer was given: what waited for the bot through an outage is older than its row."""
        books = self.district.books
        gaps = [one for one in books.away if one.until <= step.at < one.until + 10 * timedelta(minutes=1)]
        if gaps and step.way in ("tap", "typed", "words"):
            mine = (one.at for one in books.done if self.district.person_at(one.chat_id, one.at) == step.by)
            return max((moment for moment in mine if moment <= step.at + APART), default=step.at)
        given: datetime = step.at
        return given

    def _climb(self, child: str, day: date, phase: Phase) -> Iterator[Due]:
        called = f"{self.district.called(child)}, check-in of {day}"
        for kind, hours, limit, people in self._rungs(child, phase):
            moment = phase.since + hours * HOUR
            if phase.silent and self._older_climbs(child, day, moment):
                continue
            for person in people(moment):
                once = (child, day, phase.anew and kind == REMINDER)
                yield Due(kind, person, (child, day), moment, phase.since + limit, called, phase.until, once=once)

    def _rungs(self, child: str, phase: Phase) -> Iterator[tuple[str, int, timedelta, People]]:
        """Kind, hours after, lateness limit, who hears it then."""
        home = self.district.children[child].home_id
        district = self.district
        if phase.silent and phase.asked:
            yield REMINDER, 4, 10 * HOUR, lambda when: [row.person_id for row in district.guardians(child, when)]
        yield TEACHER, 22, LONGEST, lambda when: district.holders("teacher", home, when)
        if phase.silent:
            yield VOLUNTEER, 26, LONGEST, lambda when: district.volunteers(child, when)
        yield (
            ABOVE,
            48,
            LONGEST,
            lambda when: [*district.holders("coordinator", None, when), *district.holders("leader", home, when)],
        )

    def _older_climbs(self, child: str, day: date, moment: datetime) -> bool:
        """One open climb per child: while an older question still climbs, a newer one does not."""
        return any(
            phase.silent and phase.since + LONGEST > moment and (phase.until is None or phase.until > moment)
            for earlier, phase in self._by_child[child]
            if earlier < day
        )

    @cached_property
    def _by_child(self) -> dict[str, list[tuple[date, Phase]]]:
        found: defaultdict[str, list[tuple[date, Phase]]] = defaultdict(list)
        for (child, day), phases in self.phases.items():
            found[child] += [(day, phase) for phase in phases]
        return found
