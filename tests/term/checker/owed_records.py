"""What the records of a home and its children ask for: contacts by their rhythm, talks, activities, promises, and that
no child is forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from tests.term.checker.days import DAY, at, day_of, each, first_of_month, month_of
from tests.term.checker.district import District, counts, paired
from tests.term.checker.facts import Entry, Row
from tests.term.checker.owed import Due, earliest
from tests.term.checker.sayings import (
    BEFORE,
    HELP,
    ONE_KIND,
    OVER,
    QUIET_HOME,
    SILENCE,
    SINCE,
    SOON,
    TALK,
    TERM_CHILDREN,
    TERM_PLANS,
    TODAY,
    UNDONE,
)

CONTACT = "contact_entry"
SCHOOL_DAYS = 5
"""A month with fewer lies in the vacation: 'one talk per child and month while school is in' leaves that open."""


@dataclass
class Duties:
    district: District

    def dues(self) -> Iterator[Due]:
        for day in each(day_of(self.district.books.since), day_of(self.district.books.until)):
            morning = at(day, 8)
            for pairing in self.district.facts["pairings"]:
                yield from self._contact(pairing, day, morning)
            for child in self.district.active_children(morning):
                yield from self._silence(child, day, morning)
            if 18 <= day.day < 22:
                yield from self._talks(day, morning)
            for home in self.district.facts["homes"]:
                yield from self._activity(home, day, morning)
                yield from self._new_term(home, day, morning)
                if 18 <= day.day < 22:
                    yield from self._one_kind(home, day, morning)
            for row in self.district.facts["follow_ups"]:
                yield from self._promise(row, day, morning)

    # --- contacts

    def _contact(self, pairing: Row, day: date, morning: datetime) -> Iterator[Due]:
        child = self.district.children[pairing.child_id]
        if not paired(pairing, morning) or not self.district.active(child, morning):
            return
        since = self._last_contact(pairing, morning)
        due = since + pairing.rhythm_days * DAY
        for after, until in ((-2, 1), (1, 7), (7, 14)):
            if due + after * DAY <= day < due + until * DAY:
                yield from self._contact_rung(pairing, after, since, due, day, due + until * DAY)

    def _contact_rung(self, pairing: Row, after: int, since: date, due: date, day: date, limit: date) -> Iterator[Due]:
        morning, child, person = at(day, 8), pairing.child_id, pairing.person_id
        must = day == due + after * DAY
        met = self._next_contact(pairing, morning, since)
        what = f"{self.district.called(child)}, last contact {since}, due {due}"
        once = (pairing.id, due, after)
        named = (SOON, due) if after < 0 else (OVER, since)
        if self.district.cleared(person, day) and self.district.consented(child, morning):
            key = (child, named[1])
            yield Due(named[0], person, key, morning, at(limit, 8), what, met, must, once)
        if after == 7:
            # Who hears it in the place of the love mother is not asked to help her as well.
            must = must and not self.district.is_away(person, morning, morning)
            for teacher in self.district.holders("teacher", self.district.children[child].home_id, morning):
                yield Due(HELP, teacher, (child, since, person), morning, at(limit, 8), what, met, must, once)

    def _contacts(self, pairing: Row) -> Iterator[Entry]:
        """Made ones; one that was only attempted is none."""
        for entry in self.district.touches.get(pairing.child_id, ()):
            if entry.kind == CONTACT and entry.met and self.district.theirs(entry, pairing.person_id):
                yield entry

    def _last_contact(self, pairing: Row, moment: datetime) -> date:
        made = [entry.on for entry in self._contacts(pairing) if counts(entry, moment)]
        return max(made, default=None) or pairing.starts_on

    def _next_contact(self, pairing: Row, moment: datetime, since: date) -> datetime | None:
        """What ends it: a later contact, the end of the pairing, or that this one was taken back."""
        newer = (entry.since for entry in self._contacts(pairing) if entry.since > moment and entry.on > since)
        gone = (entry.until for entry in self._contacts(pairing) if entry.on == since)
        return earliest(*newer, *(until for until in gone if until and until > moment), pairing.ended_at)

    # --- nobody has been in touch

    def _silence(self, child: Row, day: date, morning: datetime) -> Iterator[Due]:
        touches = [entry for entry in self.district.touches.get(child.id, ()) if _touch(entry)]
        past = [entry.on for entry in touches if counts(entry, morning)]
        last = max(past, default=child.joined_on)
        if not 7 <= (day - last).days < 21:
            return
        met = earliest(*(entry.since for entry in touches if entry.since > morning))
        called = f"{self.district.called(child.id)}, nobody since {last}"
        for count, role in ((7, "teacher"), (14, "coordinator")):
            gone = (day - last).days
            if count <= gone < count + 7:
                home = child.home_id if role == "teacher" else None
                for person in self.district.holders(role, home, morning):
                    limit, once = at(last + (count + 7) * DAY, 8), (child.id, last, count)
                    key = (child.id, count)
                    yield Due(SILENCE, person, key, morning, limit, called, met, gone == count, once)

    # --- talks

    def _talks(self, day: date, morning: datetime) -> Iterator[Due]:
        month = month_of(day)
        first = first_of_month(month)
        if sum(map(self.district.almanac.school, each(first, month))) < SCHOOL_DAYS:
            return
        for child in self.district.active_children(morning):
            talks = [one for one in self.district.touches.get(child.id, ()) if one.kind == "talk"]
            talks = [one for one in talks if first <= one.on <= month]
            if not any(counts(one, morning) for one in talks):
                met = earliest(*(one.since for one in talks if one.since > morning))
                for teacher in self.district.holders("teacher", child.home_id, morning):
                    key, limit = (child.id, month), at(month, 8)
                    what = f"{self.district.called(child.id)}, no talk in {month:%Y-%m}"
                    yield Due(TALK, teacher, key, morning, limit, what, met, day.day == 18, key)

    # --- activities

    def _activity(self, home: Row, day: date, morning: datetime) -> Iterator[Due]:
        mine = self._activities[home.id]
        last = max((one.on for one in mine if counts(one, morning)), default=day_of(home.created_at))
        gone = (day - last).days
        if 30 <= gone < 37:
            met = earliest(*(one.since for one in mine if one.since > morning))
            for teacher in self.district.holders("teacher", home.id, morning):
                key, limit, once = (home.id, last), at(last + 37 * DAY, 8), (home.id, last)
                yield Due(QUIET_HOME, teacher, key, morning, limit, home.name, met, gone == 30, once)

    def _one_kind(self, home: Row, day: date, morning: datetime) -> Iterator[Due]:
        """Several, and all of one kind; it is over when that is no longer so."""
        month = month_of(day)
        mine = [one for one in self._activities[home.id] if first_of_month(month) <= one.on <= month]
        alike = [one for one in mine if counts(one, morning)]
        if len(alike) < 2 or len({one.what for one in alike}) > 1:
            return
        others = (one.since for one in mine if one.since > morning and one.what != alike[0].what)
        gone = (one.until for one in alike if one.until and one.until > morning)
        met = earliest(*others, *gone)
        for teacher in self.district.holders("teacher", home.id, morning):
            key, limit = (home.id, month), at(month, 8)
            yield Due(ONE_KIND, teacher, key, morning, limit, home.name, met, day.day == 18, key)

    def _new_term(self, home: Row, day: date, morning: datetime) -> Iterator[Due]:
        begun = next(
            (one for one in reversed([*each(day - 29 * DAY, day)]) if self.district.almanac.begins_term(one)), None
        )
        if begun is None:
            return
        for kind, role in ((TERM_CHILDREN, "teacher"), (TERM_PLANS, "home_lead")):
            for person in self.district.holders(role, home.id, morning):
                limit, once = at(begun + 30 * DAY, 8), (home.id, begun)
                yield Due(kind, person, (home.id,), morning, limit, home.name, None, day == begun, once)

    @cached_property
    def _activities(self) -> dict[str, list[Entry]]:
        found: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self.district.facts.entries:
            if entry.kind == "activity":
                found[entry.home_id].append(entry)
        return found

    # --- promises

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.district.facts.entries}

    def _promise(self, row: Row, day: date, morning: datetime) -> Iterator[Due]:
        entry = self._entries[row.record_id]
        late = (day - row.due_on).days
        over = row.done_at is not None and row.done_at <= morning
        if entry.since > morning or over or not (late == -3 or 0 <= late <= 60):
            return
        number = entry.number
        kind = BEFORE if late < 0 else TODAY if late == 0 else SINCE
        limit, what = at(day + DAY, 0), f"promise of #{number} by {row.due_on}"
        told = self.district.facts.promised.get(row.id) or number
        met = earliest(row.done_at, entry.until)
        if self.district.roles_of(row.owner_id, morning):
            yield Due(kind, row.owner_id, (told, row.due_on), morning, limit, what, met, once=(row.id, day))
        for person in self._above(row, morning) if late >= 3 else ():
            if person != row.owner_id:
                yield Due(UNDONE, person, (number, row.due_on), morning, limit, what, met, once=(row.id, day))

    def _above(self, row: Row, moment: datetime) -> list[str]:
        """One level up: teacher, head of the home, coordinator."""
        roles = self.district.roles_of(row.owner_id, moment)
        up = {"volunteer": "teacher", "teacher": "home_lead", "home_lead": "coordinator"}
        role = next((up[one] for one in up if one in roles), "home_lead")
        return self.district.holders(role, None if role == "coordinator" else row.home_id, moment)


def _touch(entry: Entry) -> bool:
    """Somebody was with the child, and did not only try."""
    return entry.met
