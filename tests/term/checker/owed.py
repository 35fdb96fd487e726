"""Something that somebody should hear, from a moment on and until a limit; and how what was heard holds against it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from tests.term.checker.days import DAY, at, day_of
from tests.term.checker.district import SLACK, District
from tests.term.checker.reading import Heard, Line, local
from tests.term.checker.sayings import ASK, BULLET, NUDGES, REMINDER, SAFETY

Key = tuple[Hashable, ...]
RACE = timedelta(seconds=5)
"""So long before, a message may have been on the wire already when the answer was stored."""
ALL_THE_SAME = frozenset({ASK, REMINDER}) | SAFETY
"""What a family is asked, and what everybody is to know, has no deputy."""


@dataclass(frozen=True, slots=True)
class Due:
    """`key`: how a line names it, what is told one by one first, such as (child, day). `once`: what is said but once to
    this person. `met`: when it was answered, or lapsed otherwise. Without `must` it may be said and may be not."""

    kind: str
    person: str
    key: Key
    moment: datetime
    limit: datetime
    what: str
    met: datetime | None = None
    must: bool = True
    once: Key = ()
    folds: bool = False

    def only(self, hearer: str) -> Key:
        """The same person hears it but once; in their place somebody else may."""
        return hearer, self.person, self.kind, *(self.once or (*self.key, self.moment))


@dataclass(frozen=True, slots=True)
class Told:
    """A line, with one thing that it names; `more`: how many it does not name."""

    heard: Heard
    line: Line
    key: Key
    more: int = 0

    @property
    def at(self) -> datetime:
        return self.heard.at


@dataclass
class Holding:
    """Dues beside what was told."""

    district: District
    dues: Sequence[Due]
    told: Sequence[Told]
    _said: defaultdict[Key, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    def problems(self) -> Iterator[str]:
        by_key: defaultdict[Key, list[Due]] = defaultdict(list)
        for due in self.dues:
            by_key[due.kind, due.person, due.key].append(due)
        for told in self.told:
            if not told.heard.pardoned and told.key:
                meant = self._meant(told)
                yield from self._judge(told, [due for one in meant for due in by_key[told.line.kind, one, told.key]])
                yield from self._away(told)
        yield from self._missing()

    # --- what was told

    def _meant(self, told: Told) -> list[str]:
        """Whose it is: the reader's, or of one who is away."""
        instead = told.line.instead
        return self.district.named_away(instead, told.at) if instead else [told.heard.person]

    def _judge(self, told: Told, known: Sequence[Due]) -> Iterator[str]:
        fits = [due for due in known if due.moment - RACE <= told.at < due.limit + SLACK and not _met(due, told.at)]
        fresh = [due for due in fits if due.only(told.heard.person) not in self._said]
        if fresh:
            meant = max(fresh, key=lambda due: (due.must, due.moment))
            self._said[meant.only(told.heard.person)].append(told.at)
            return
        if self._snoozed(told) or self._held_up(told, known):
            return
        self._said_anyway(fits or known, told)
        yield f"{self._why(told, fits, known)}: {self._line(told)}"

    def _away(self, told: Told) -> Iterator[str]:
        """Who is away hears of it again when they are back."""
        absence = self.district.absence(told.heard.person, told.at - SLACK, told.at + SLACK)
        if absence and not told.line.instead and told.line.kind not in ALL_THE_SAME:
            yield f"said to somebody who is away: {self._line(told)}"

    def _said_anyway(self, known: Sequence[Due], told: Told) -> None:
        for due in known[:1]:
            self._said[due.only(told.heard.person)].append(told.at)

    def _why(self, told: Told, fits: Sequence[Due], known: Sequence[Due]) -> str:
        if fits:
            return "said twice"
        if any(_met(due, told.at) and due.moment - RACE <= told.at for due in known):
            return "said after its answer"
        if known and all(told.at < due.moment for due in known):
            return "said too early"
        if known:
            return "said later than its limit"
        others = {due.person for due in self.dues if due.kind == told.line.kind and due.key == told.key}
        if others:
            return f"said to the wrong person (meant for {', '.join(map(self.district.who, sorted(others)))})"
        return "said without being owed"

    def _snoozed(self, told: Told) -> bool:
        """'Later' asks for it once more, the next morning."""
        taps = (one for one in self.district.books.done if one.content.startswith("b|due|later|"))
        near = (one for one in taps if timedelta() < told.at - one.at < 3 * DAY)
        return any(self.district.person_at(one.chat_id, one.at) == told.heard.person for one in near)

    def _held_up(self, told: Told, known: Sequence[Due]) -> bool:
        """Put together in its morning, and held up by Telegram: what names several stands while one of them waits."""
        away = [one for one in self.district.books.away if one.why == "cut" and one.since <= told.at]
        late = [due for due in known if due.met and any(one.since <= due.met <= one.until + SLACK for one in away)]
        alike = [one for one in self.told if one.heard is told.heard and one.line is told.line and one.key != told.key]
        return bool(late) and (bool(alike) or told.more > 0)

    def _line(self, told: Told) -> str:
        first = told.line.body.split("\n")[0].removeprefix(BULLET)
        what = ", ".join(self._word(part) for part in told.key)
        return f"[{told.line.kind}] to {self.district.who(told.heard.person)} at {local(told.at)}: {first!r} ({what})"

    def _word(self, part: Hashable) -> str:
        return self.district.called(str(part)) if part in self.district.children else str(part)

    # --- what was not

    def _missing(self) -> Iterator[str]:
        claims: Counter[tuple[int, str]] = Counter()
        for due in self.dues:
            if due.must and due.moment > self.district.books.looked[0]:
                yield from self._told_in_time(due, claims)

    def _told_in_time(self, due: Due, claims: Counter[tuple[int, str]]) -> Iterator[str]:
        word = self.district.first_word(due.moment)
        if word >= due.limit or word + SLACK >= self.district.books.until or _met(due, word + SLACK):
            return
        away = self.district.is_away(due.person, due.moment, word + SLACK)
        if not away and not self.district.surely_reachable(due.person, due.moment, word + SLACK):
            return
        by = word + SLACK
        if due.folds or self._lost_digest(due):
            by = max(by, self.district.first_word(at(day_of(word) + DAY, 8)) + SLACK)
        if by >= self.district.books.until:
            return
        if away:
            yield from self._told_in_place(due, by, claims)
            return
        said = self._said.get(due.only(due.person), ())
        if any(moment <= by for moment in said) or self._among_more(due, due.person, by, claims):
            return
        late = f"only at {local(min(said))}" if said else "never"
        yield (
            f"not said in time: [{due.kind}] to {self.district.who(due.person)}, {due.what}, due {local(due.moment)}, "
            f"expected by {local(by)}, said {late}"
        )

    def _told_in_place(self, due: Due, by: datetime, claims: Counter[tuple[int, str]]) -> Iterator[str]:
        """While somebody is away, who stands in hears it; where nobody does or can be asked, somebody at all: nothing
        is owed by nobody. Not looked at where they went or came in between."""
        first = due.moment - SLACK
        absence = self.district.absence(due.person, first, by + SLACK)
        if absence is None:
            return
        deputy = self.district.stands_in(absence, first, by)
        for told in self._by_matter.get((due.kind, *due.key), ()):
            if due.moment - RACE <= told.at <= by and (not deputy or told.heard.person == deputy):
                return
        hearers = [deputy] if deputy else sorted({told.heard.person for told in self.told if told.more})
        if not any(self._among_more(due, hearer, by, claims) for hearer in hearers):
            whom = self.district.who(deputy) if deputy else "anybody"
            yield (
                f"not said in the place of {self.district.who(due.person)} to {whom}: [{due.kind}], {due.what}, due "
                f"{local(due.moment)}, expected by {local(by)}"
            )

    @cached_property
    def _by_matter(self) -> dict[Key, list[Told]]:
        found: defaultdict[Key, list[Told]] = defaultdict(list)
        for told in self.told:
            found[told.line.kind, *told.key].append(told)
        return found

    def _lost_digest(self, due: Due) -> bool:
        """A digest was made, but Telegram was out of reach for all of its day: the next one says it."""
        away = (one for one in self.district.books.away if one.why == "cut")
        return due.kind in NUDGES and any(one.since <= due.moment + SLACK and due.moment < one.until for one in away)

    def _among_more(self, due: Due, hearer: str, by: datetime, claims: Counter[tuple[int, str]]) -> bool:
        """Where a message names a few and counts the rest: of who hears it, and of each in whose place it is heard."""
        for place, told in self._counting.get((due.kind, hearer, *due.key[1:]), ()):
            if told.more > claims[place, due.person] and due.moment - RACE <= told.at <= by:
                claims[place, due.person] += 1
                return True
        return False

    @cached_property
    def _counting(self) -> dict[Key, list[tuple[int, Told]]]:
        """Those that count, by what they speak of."""
        found: defaultdict[Key, list[tuple[int, Told]]] = defaultdict(list)
        for place, told in enumerate(self.told):
            if told.more:
                found[told.line.kind, told.heard.person, *told.key[1:]].append((place, told))
        return found


def _met(due: Due, moment: datetime) -> bool:
    return due.met is not None and due.met + RACE < moment


def earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)
