"""How each duty stands at the end, reckoned from the records, beside what the product has stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tests.term.checker.days import at, day_of, each, month_of
from tests.term.checker.district import District, counts
from tests.term.checker.facts import Entry, Row
from tests.term.checker.owed_check_ins import ANSWERS, LONGEST, CheckIns
from tests.term.checker.owed_reports import Reports

FINAL = frozenset({"answered", "later", "missed", "not_asked"})
MET, LATE, MISSED, EXCUSED, VOID, OPEN = "met", "late", "missed", "excused", "void", "open"


@dataclass
class Standings:
    district: District
    check_ins: CheckIns
    reports: Reports

    def problems(self) -> Iterator[str]:
        yield from self._check_ins()
        yield from self._every_day()
        yield from self._reports()
        yield from self._contacts()
        yield from self._touches()
        yield from self._notices()

    def figures(self) -> Counter[tuple[str, str]]:
        """How many of each duty ended how."""
        found: Counter[tuple[str, str]] = Counter()
        for row in self.district.facts["check_ins"]:
            found["check-in", self._of_check_in(row)] += 1
        for home, month in self._owed_reports():
            found["report", self._of_report(home, month)] += 1
        return found

    # --- check-ins

    def _of_check_in(self, row: Row) -> str:
        """Answered on its day or later; by a newer answer; too late to be asked at all."""
        answers = [step.at for step in self.check_ins.steps.get(row.id, ()) if step.kind in ANSWERS]
        if answers and row.state == "answered":
            return MET if day_of(min(answers)) <= row.day + timedelta(days=1) else LATE
        return {"later": LATE, "missed": MISSED, "not_asked": VOID}.get(row.state, OPEN)

    def _check_ins(self) -> Iterator[str]:
        """Each is answered, or was missed after its three days; and no row says otherwise than what was answered."""
        end = self.district.books.until
        for row in self.district.facts["check_ins"]:
            what = f"check-in of {self.district.called(row.child_id)} on {row.day}"
            answered = any(step.kind in ANSWERS for step in self.check_ins.steps.get(row.id, ()))
            begun = row.asked_at or at(row.day, 10)
            if row.state not in FINAL and begun + LONGEST + timedelta(hours=1) < end:
                yield f"{what} never came to an end: it stands as {row.state}"
            if row.state == "answered" and not answered:
                yield f"{what} is stored as answered, and nobody answered"
            if row.state in ("missed", "not_asked", "asking", "asked", "listed") and answered and not self._anew(row):
                yield f"{what} was answered, and is stored as {row.state}"

    def _anew(self, row: Row) -> bool:
        """Asked once more, since the answer was about another child."""
        return any(step.at <= row.asked_at for step in self.check_ins.steps.get(row.id, ()) if row.asked_at)

    def _every_day(self) -> Iterator[str]:
        """No child of a check-in day is left out."""
        books = self.district.books
        known = set(self.check_ins.rows)
        for day in each(day_of(books.since), day_of(books.until)):
            ten = at(day, 10)
            if self.district.almanac.check_in(day) and books.looked[0] < ten and self._looked_since(day):
                for child in self.district.to_ask_about(ten):
                    if (child.id, day) not in known:
                        yield f"no check-in of {self.district.called(child.id)} on {day}, though it is a day for one"

    def _looked_since(self, day: date) -> bool:
        return self.district.first_word(at(day, 10)) < self.district.books.until

    # --- reports

    def _owed_reports(self) -> Iterator[tuple[Row, date]]:
        books = self.district.books
        months = {month_of(day) for day in each(day_of(books.since), day_of(books.until))}
        for month in sorted(month for month in months if at(month, 23) < books.until):
            for home in self.district.facts["homes"]:
                if day_of(home.created_at) <= month:
                    yield home, month

    def _of_report(self, home: Row, month: date) -> str:
        """On time by the first time that it was handed in; owed again while it is sent back."""
        row = next((one for one in self._filed if (one.home_id, one.period) == (home.id, month)), None)
        key = f"monthly_report:{home.id}:{month:%Y-%m}"
        excuse = next((one for one in self.district.facts["excuses"] if one.owed == key), None)
        if row and row.state in ("submitted", "accepted"):
            return MET if row.first_submitted_on <= month else LATE
        if excuse:
            return VOID if excuse.kind == "void" else EXCUSED
        return MISSED if day_of(self.district.books.until) > _next(month) else OPEN

    @property
    def _filed(self) -> tuple[Row, ...]:
        return self.district.facts["monthly_reports"]

    def _reports(self) -> Iterator[str]:
        for home, month in self._owed_reports():
            standing, what = self._of_report(home, month), f"report of {home.name} for {month:%Y-%m}"
            there = not self.reports.open_at(home.id, month, self.district.books.until)
            if there != (standing in (MET, LATE, EXCUSED, VOID)):
                yield f"{what} stands as {standing}; what was done with it says otherwise"

    # --- what is kept with the records

    def _contacts(self) -> Iterator[str]:
        for row in self.district.facts["pairings"]:
            if row.ended_at is None:
                made = [one.on for one in self.district.touches.get(row.child_id, ()) if self._made(one, row)]
                since = max(made, default=row.starts_on)
                if row.next_contact_on != since + timedelta(days=row.rhythm_days):
                    who = f"{self.district.called(row.child_id)} and {self.district.who(row.person_id)}"
                    yield f"the next contact of {who} is stored as {row.next_contact_on}; the last one was {since}"

    def _made(self, entry: Entry, row: Row) -> bool:
        stands = entry.met and counts(entry, self.district.books.until)
        return bool(entry.kind == "contact_entry" and self.district.theirs(entry, row.person_id) and stands)

    def _touches(self) -> Iterator[str]:
        for row in self.district.facts["children"]:
            entries = self.district.touches.get(row.id, ())
            last = max((one.on for one in entries if one.met and counts(one, self.district.books.until)), default=None)
            if row.last_touch_on != last:
                called = self.district.called(row.id)
                yield f"the last touch of {called} is stored as {row.last_touch_on}, it was {last}"

    def _notices(self) -> Iterator[str]:
        """What should have gone out has, or was stopped, or its time had passed."""
        for row in self.district.facts["notices"]:
            over = row.send_at + timedelta(days=8)
            if row.state in ("waiting", "sending") and over < self.district.books.until:
                yield f"notice #{row.number} never came to an end: it stands as {row.state}"


def _next(month: date) -> date:
    return month_of(month + timedelta(days=1))
