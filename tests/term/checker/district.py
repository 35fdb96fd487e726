"""Who was who at a moment of the term: whose chat it was, who held which role, who may know of which child."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from tests.term.books import Books
from tests.term.checker.days import Almanac, day_of, in_the_night
from tests.term.checker.facts import Entry, Facts, Row

SLACK = timedelta(minutes=5)
"""The clock is looked at in steps, and a message takes its way."""
FOREVER = timedelta(days=10_000)


@dataclass(frozen=True)
class District:
    facts: Facts
    books: Books

    # --- chats

    @cached_property
    def _chats(self) -> dict[int, list[tuple[datetime, str]]]:
        """By chat, since when it was whose. A new phone is in use from the first that happened in its chat."""
        first: dict[int, datetime] = {}
        happened = [(one.chat_id, one.at) for one in self.books.said] + [
            (one.chat_id, one.at) for one in self.books.done
        ]
        for chat_id, moment in happened:
            first[chat_id] = min(first.get(chat_id, moment), moment)
        known = {(row.chat_id, row.id) for row in self.facts["people"] if row.chat_id}
        for table in ("conversations", "nudges"):
            known |= {(row.chat_id, row.person_id) for row in self.facts[table]}
        found: defaultdict[int, list[tuple[datetime, str]]] = defaultdict(list)
        for chat_id, person in known:
            found[chat_id].append((first.get(chat_id, self.books.since), person))
        return {chat_id: sorted(theirs) for chat_id, theirs in found.items()}

    def person_at(self, chat_id: int, _: datetime) -> str:
        """'' where nobody of the district is behind it."""
        return self._chats[chat_id][-1][1] if chat_id in self._chats else ""

    @cached_property
    def _phones(self) -> dict[str, list[tuple[datetime, int]]]:
        found: defaultdict[str, list[tuple[datetime, int]]] = defaultdict(list)
        for chat_id, theirs in self._chats.items():
            for since, person in theirs:
                found[person].append((since, chat_id))
        return {person: sorted(theirs) for person, theirs in found.items()}

    @cached_property
    def _blocked(self) -> dict[int, list[tuple[datetime, datetime]]]:
        """By chat, from when until when the bot was blocked there."""
        found: defaultdict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
        for one in sorted(self.books.done, key=lambda one: one.at):
            if one.kind == "blocked":
                found[one.chat_id].append((one.at, self.books.until + FOREVER))
            elif one.kind == "back" and found[one.chat_id]:
                found[one.chat_id][-1] = (found[one.chat_id][-1][0], one.at)
        return found

    def reachable(self, person: str, moment: datetime) -> bool:
        """Has a chat, and has not blocked the bot."""
        phones = self._phones.get(person, ())
        chat_id = next((chat for since, chat in reversed(phones) if since <= moment), phones[0][1] if phones else None)
        if chat_id is None:
            return False
        return not any(since <= moment <= until + SLACK for since, until in self._blocked.get(chat_id, ()))

    def surely_reachable(self, person: str, first: datetime, last: datetime) -> bool:
        """All of that time; somebody whose phone changed hands in it may be missed."""
        spans = [span for _, chat in self._phones.get(person, ()) for span in self._blocked.get(chat, ())]
        moved = any(first - SLACK <= since <= last + SLACK for since, _ in self._phones.get(person, ())[1:])
        blocked = any(since <= last and until + SLACK >= first for since, until in spans)
        return bool(self._phones.get(person)) and not blocked and not moved

    # --- roles

    @cached_property
    def _roles(self) -> dict[tuple[str, str | None], list[Row]]:
        """By role and home; by role alone beside None."""
        found: defaultdict[tuple[str, str | None], list[Row]] = defaultdict(list)
        for row in self.facts["roles"]:
            for place in {None, row.home_id}:
                found[row.role, place].append(row)
        return found

    def holders(self, role: str, home_id: str | None, moment: datetime) -> list[str]:
        """Who holds it then, at that home, or, for None, anywhere."""
        return sorted({row.person_id for row in self._roles.get((role, home_id), ()) if _lives(row, moment)})

    def roles_of(self, person: str, moment: datetime) -> set[str]:
        return {row.role for row in self._roles_of.get(person, ()) if _lives(row, moment)}

    @cached_property
    def _roles_of(self) -> dict[str, list[Row]]:
        return _by(self.facts["roles"], "person_id")

    def ends(self, person: str, role: str) -> datetime | None:
        """When they lost the role, if they have it no more."""
        theirs = [row.ended_at for row in self._roles_of.get(person, ()) if row.role == role]
        return max(theirs) if theirs and all(theirs) else None

    def cleared(self, person: str, day: date) -> bool:
        """A volunteer is inactive until vetting, training and the code of conduct are recorded."""
        row = self.people[person]
        return all(known and known <= day for known in (row.vetted_on, row.trained_on, row.conduct_on))

    def is_away(self, person: str, first: datetime, last: datetime) -> bool:
        """At some moment of that time: somebody else is asked meanwhile."""
        return any(_overlaps(row, first, last) for row in self._absences.get(person, ()))

    def absence(self, person: str, first: datetime, last: datetime) -> Row | None:
        """That which lasts all of that time; None where one begins or ends in it."""
        found = [row for row in self._absences.get(person, ()) if _overlaps(row, first, last)]
        (row, *others) = found or [None]
        whole = row is not None and not others and row.set_at <= first and _overlaps(row, last, last)
        return row if whole else None

    def stands_in(self, absence: Row, first: datetime, last: datetime) -> str:
        """Who does, if they can be asked all of that time; else ''."""
        deputy = absence.deputy_id or ""
        there = self.surely_reachable(deputy, first, last) and not self.is_away(deputy, first, last)
        return deputy if there else ""

    def theirs(self, entry: Entry, person: str) -> bool:
        """Who stands in for somebody makes their contacts: the product counts them so, the child has been seen."""
        own = (row for row in self._absences.get(person, ()) if row.deputy_id == entry.author_id)
        return entry.author_id == person or any(row.first_on <= entry.on <= row.last_on for row in own)

    def named_away(self, name: str, moment: datetime) -> list[str]:
        """Who of that name is away."""
        mine = (id for id in self._absences if self.facts.people_names.get(id) == name)
        return [id for id in mine if self.is_away(id, moment - SLACK, moment)]

    @cached_property
    def _absences(self) -> dict[str, list[Row]]:
        return _by(self.facts["absences"], "person_id")

    def _stands_in_for(self, person: str, moment: datetime) -> Iterator[str]:
        for row in self.facts["absences"]:
            if row.deputy_id == person and _overlaps(row, moment, moment):
                yield row.person_id

    # --- children

    @cached_property
    def people(self) -> dict[str, Row]:
        return {row.id: row for row in self.facts["people"]}

    @cached_property
    def children(self) -> dict[str, Row]:
        return {row.id: row for row in self.facts["children"]}

    @cached_property
    def by_code(self) -> dict[str, str]:
        return {row.code: row.id for row in self.facts["children"]}

    @cached_property
    def homes(self) -> dict[str, Row]:
        return {row.id: row for row in self.facts["homes"]}

    def called(self, child_id: str) -> str:
        return f"{self.facts.names[child_id]} ({self.children[child_id].code})"

    def who(self, person: str) -> str:
        row = self.people.get(person)
        roles = "/".join(sorted({one.role for one in self._roles_of.get(person, ())}))
        return f"{self.facts.people_names[person]} ({row.code}, {roles})" if row else "somebody unknown"

    def active(self, child: Row, moment: datetime) -> bool:
        """Joined, and not left; known to the program by then."""
        day = day_of(moment)
        left = child.left_on if child.status != "active" else None
        return bool(child.created_at <= moment and child.joined_on <= day and (left is None or day < left))

    def active_children(self, moment: datetime) -> Iterator[Row]:
        return (row for row in self.facts["children"] if self.active(row, moment))

    @cached_property
    def _guards(self) -> dict[str, list[Row]]:
        return _by(self.facts["guardianships"], "child_id")

    def guardians(self, child_id: str, moment: datetime) -> list[Row]:
        return [row for row in self._guards.get(child_id, ()) if not row.ended_at or row.ended_at > moment]

    @cached_property
    def _pairs(self) -> dict[str, list[Row]]:
        return _by(self.facts["pairings"], "child_id")

    @cached_property
    def _consents(self) -> dict[str, list[Row]]:
        return _by([row for row in self.facts["consents"] if row.purpose == "care"], "child_id")

    def consented(self, child_id: str, moment: datetime) -> bool:
        """Without a consent no volunteer hears of a child."""
        rows = self._consents.get(child_id, ())
        return any(not row.withdrawn_at or row.withdrawn_at > moment for row in rows)

    def to_ask_about(self, moment: datetime) -> Iterator[Row]:
        """The children whose families are asked: not those that took their consent back."""
        return (row for row in self.active_children(moment) if not self._taken_back(row.id, moment))

    def _taken_back(self, child_id: str, moment: datetime) -> bool:
        ends = [row.withdrawn_at for row in self._consents.get(child_id, ())]
        return any(end and end <= moment for end in ends) and not self.consented(child_id, moment)

    def volunteers(self, child_id: str, moment: datetime) -> list[str]:
        """Those paired with it then who may see it."""
        day = day_of(moment)
        if not self.consented(child_id, moment):
            return []
        open_ones = [row for row in self._pairs.get(child_id, ()) if paired(row, moment)]
        holds = {row.person_id for row in open_ones if "volunteer" in self.roles_of(row.person_id, moment)}
        return sorted(person for person in holds if self.cleared(person, day))

    def reaches(self, person: str, child_id: str, moment: datetime) -> bool:
        """Whether they may know of the child, by any of their roles."""
        early = moment - timedelta(seconds=5)
        places = (person, *self._stands_in_for(person, early))
        return any(self._reaches_as(role, one, child_id, early) for one in places for role in self.roles_of(one, early))

    def _reaches_as(self, role: str, person: str, child_id: str, moment: datetime) -> bool:
        match role:
            case "coordinator":
                return True
            case "volunteer":
                return person in self.volunteers(child_id, moment)
            case "guardian":
                return person in {row.person_id for row in self.guardians(child_id, moment)}
        return person in self.holders(role, self.children[child_id].home_id, moment)

    # --- records

    @cached_property
    def touches(self) -> dict[str, list[Entry]]:
        """By child, what was written about it."""
        found: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self.facts.entries:
            for child in entry.children:
                found[child].append(entry)
        return found

    @cached_property
    def almanac(self) -> Almanac:
        rows = sorted(self.facts["calendar_overrides"], key=lambda row: (row.set_at, row.id))
        return Almanac([row for row in rows if not row.ended_at])

    # --- when the bot could speak

    @cached_property
    def _looks(self) -> list[datetime]:
        dark = [(one.since, one.until) for one in self.books.away]
        return sorted(look for look in self.books.looked if not any(since <= look < until for since, until in dark))

    def first_word(self, moment: datetime, *, urgent: bool = False) -> datetime:
        """The first moment from then on at which the bot looked, could speak, and it was no quiet hour."""
        place = bisect_left(self._looks, moment)
        while place < len(self._looks):
            if urgent or not in_the_night(self._looks[place]):
                return self._looks[place]
            place += 1
        return self.books.until + FOREVER


def counts(entry: Entry, moment: datetime) -> bool:
    """Written by then, and not yet taken back or corrected."""
    return entry.since <= moment and (entry.until is None or entry.until > moment)


def paired(row: Row, moment: datetime) -> bool:
    return bool(row.starts_on <= day_of(moment) and (not row.ended_at or row.ended_at > moment))


def _lives(row: Row, moment: datetime) -> bool:
    return bool(row.starts_on <= day_of(moment) and (not row.ended_at or row.ended_at > moment))


def _overlaps(row: Row, first: datetime, last: datetime) -> bool:
    over = row.ended_at or datetime.max.replace(tzinfo=first.tzinfo)
    return bool(row.set_at <= last and over >= first and day_of(first) <= row.last_on)


def _by(rows: Iterable[Row], name: str) -> dict[str, list[Any]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.values[name]].append(row)
    return found
