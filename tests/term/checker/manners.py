"""What holds for each message, whatever it is about: the hour, the reader, the words, how many, what it offers."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from tests.term.checker.days import day_of, in_the_night
from tests.term.checker.district import District
from tests.term.checker.reading import Heard, codes, local
from tests.term.checker.sayings import AT_ANY_HOUR, CHECK_INS, GAP, NUDGES, QUIET_LANE, SAFETY

ANSWER = timedelta(seconds=90)
"""So long after what somebody did, a message to them answers it."""
LOOKS_APART = timedelta(minutes=30)
TAKEN_UP = 26 * 3600.0
"""Seconds before an outage, from which on a broken-off conversation is taken up again."""
BUDGET = {"guardian": 2, "volunteer": 3, "teacher": 3, "home_lead": 3, "counsellor": 3, "leader": 3, "coordinator": 5}
"""The page names no leader and no counsellor: they are as busy as a teacher."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{3,}")
LEFT_BEHIND = "留守"


@dataclass
class Manners:
    district: District
    heard: Sequence[Heard]

    def problems(self) -> Iterator[str]:
        for one in self.heard:
            for found in (*self._hour(one), *self._reader(one), *self._words(one), *self._offers(one)):
                first = one.text.partition("\n")[0]
                yield f"{found}: to {self.district.who(one.person)} at {local(one.at)}: {first!r}"
        yield from self._budget()

    # --- was it asked for

    @cached_property
    def _acts(self) -> dict[int, list[float]]:
        found: defaultdict[int, list[float]] = defaultdict(list)
        for one in self.district.books.done:
            insort(found[one.chat_id], one.at.timestamp())
        return found

    @cached_property
    def _back(self) -> list[tuple[float, float, float]]:
        """Of each outage: its beginning, its end, and until when what people did meanwhile is answered. Conversations
        that it broke off are taken up again in the morning."""
        found = []
        for one in self.district.books.away:
            first = self.district.first_word(one.until) + 2 * LOOKS_APART
            found.append((one.since.timestamp(), one.until.timestamp(), first.timestamp()))
        return found

    def _answers(self, heard: Heard) -> bool:
        """Whether the reader did something just before, or something that waited until the bot was back."""
        moment, length = heard.at.timestamp(), ANSWER.total_seconds()
        acts = self._acts.get(heard.said.chat_id, ())
        if _within(acts, moment - length, moment):
            return True
        if any(moment - length <= gap <= moment for gap in self._gaps.get(heard.said.chat_id, ())):
            return True
        spans = (since for since, end, last in self._back if end - 1 <= moment <= last)
        return any(_within(acts, since - TAKEN_UP, moment) for since in spans)

    @cached_property
    def _gaps(self) -> dict[int, list[float]]:
        """When it was said that the connection had been gone: the conversation that stood open follows."""
        found: defaultdict[int, list[float]] = defaultdict(list)
        for one in self.heard:
            if one.says(GAP):
                found[one.said.chat_id].append(one.at.timestamp())
        return found

    # --- the hour

    def _hour(self, one: Heard) -> Iterator[str]:
        if not in_the_night(one.at) or one.edit or self._answers(one):
            return
        if not one.says(*AT_ANY_HOUR):
            yield "said in the quiet hours"

    # --- the reader

    def _reader(self, one: Heard) -> Iterator[str]:
        if one.said.chat_id < 0 and (one.lines or self._children(one)):
            yield "said in a group"
            return
        if not one.person:
            if one.lines or self._children(one):
                yield "said to somebody who is nobody here"
            return
        for child in sorted(self._children(one)):
            if not self.district.reaches(one.person, child, one.at):
                yield f"names {self.district.called(child)}, who is out of the reader's reach"
        if not one.lines and not one.edit and not self._answers(one):
            yield "nobody knows what this is, and nobody asked for it"
        if one.says(QUIET_LANE) and not {"home_lead", "coordinator"} & self.district.roles_of(one.person, one.at):
            yield "words that point to harm are for few eyes"

    def _children(self, one: Heard) -> set[str]:
        """Those named by short name and code; a number in brackets alone may be anything."""
        known = self.district.by_code
        return {
            known[code]
            for code in codes(one.text)
            if code in known and re.search(self._called(known[code]) + r" ?[(（]" + re.escape(code), one.text)
        }

    def _called(self, child: str) -> str:
        return re.escape(self.district.facts.names[child])

    # --- the words

    def _words(self, one: Heard) -> Iterator[str]:
        if LEFT_BEHIND in one.text and "guardian" in self.district.roles_of(one.person, one.at):
            yield f"says {LEFT_BEHIND} to a family"
        if one.lines or not self._answers(one):
            yield from self._full_names(one)
        language = self._language(one.person)
        other = any(line.language and line.language != language for line in one.lines)
        only_latin = _LATIN.search(one.text) and not _CHINESE.search(one.text)
        if language and (other or (language == "zh" and only_latin)):
            yield "not in the reader's language"

    def _full_names(self, one: Heard) -> Iterator[str]:
        """A full name stands on the page that somebody opens, and nowhere else. Who has the name of a grown-up is
        not looked for."""
        for child, name in self._rare_names.items():
            if name in one.text:
                yield f"the full name of {self.district.called(child)}"

    @cached_property
    def _rare_names(self) -> dict[str, str]:
        grown_up = set(self.district.facts.people_names.values())
        names = self.district.facts.full_names
        return {id: name for id, name in names.items() if name not in grown_up and len(name) > 2}

    def _language(self, person: str) -> str:
        """Theirs at the end; '' where they changed it meanwhile."""
        row = self.district.people.get(person)
        if row is None or not row.language or person in self._changed:
            return ""
        return "en" if row.language.startswith("en") else "zh"

    @cached_property
    def _changed(self) -> set[str]:
        acts = (one for one in self.district.books.done if "language" in one.content)
        return {self.district.person_at(one.chat_id, one.at) for one in acts}

    # --- what it offers, and how many there are

    def _offers(self, one: Heard) -> Iterator[str]:
        """Later, and not mine: or, below several, all of it."""
        if one.edit or not one.lines or not all(line.kind in NUDGES for line in one.lines):
            return
        offered = {data for _, data in one.said.buttons}
        wanted = ("b|due|all",) if one.digest else ("b|due|later|", "b|due|not|")
        if not all(any(data.startswith(part) for data in offered) for part in wanted):
            yield "does not offer later, or not mine"

    def _budget(self) -> Iterator[str]:
        """A digest counts as one; it is what the rest is folded into."""
        told: defaultdict[tuple[str, object], int] = defaultdict(int)
        for one in self.heard:
            if self._counted(one):
                told[one.person, day_of(one.at)] += 1
        for (person, day), count in told.items():
            roles = self.district.roles_of(person, self.district.books.until) or {"teacher"}
            most = max(BUDGET.get(role, 3) for role in roles)
            if count > most:
                yield f"{count} nudges on {day} to {self.district.who(person)}, {most} are allowed"

    def _counted(self, one: Heard) -> bool:
        kinds = {line.kind for line in one.lines}
        free = kinds <= CHECK_INS | SAFETY | AT_ANY_HOUR | {GAP}
        return bool(kinds & NUDGES) and not free and not one.edit and not one.pardoned


def _within(sorted_ones: Sequence[float], first: float, last: float) -> bool:
    place = bisect_left(sorted_ones, first)
    return place < len(sorted_ones) and sorted_ones[place] <= last
