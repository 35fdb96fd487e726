"""From what the server accepted to what somebody read: each message's person, and line by line what it says."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from tests.term.books import Books, Said
from tests.term.checker.days import CHINA, day_of
from tests.term.checker.district import District
from tests.term.checker.sayings import BULLET, DIGEST, INSTEAD, SAYINGS

_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_CODE = re.compile(r"[(（]([^()（）]+)[)）]")
_ZH_DAY = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日")
_EN_DAY = re.compile(r"(\d{1,2}) ([A-Z][a-z]{2})[a-z]*(?: (\d{4}))?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MORE = re.compile(r"(?:还有|另外|and )? ?(\d+) ?(?:个|more|other)")


@dataclass(frozen=True, slots=True)
class Line:
    """`kind` of `sayings`; `places` as they stand there; `body`: all of the message, where the line is its first.
    `instead`: the name of the one in whose place it is said."""

    kind: str
    language: str
    places: Mapping[str, str]
    body: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message, plain, and who had the chat at that moment ('' for somebody unknown). `pardoned`: the same as one just
    before it, with an outage in between, as Telegram's semantics allow; not so `edit`."""

    said: Said
    person: str
    text: str
    lines: tuple[Line, ...]
    digest: bool = False
    pardoned: bool = False

    @property
    def at(self) -> datetime:
        return self.said.at

    @property
    def edit(self) -> bool:
        return not self.said.method.startswith("send")

    def says(self, *kinds: str) -> list[Line]:
        return [line for line in self.lines if line.kind in kinds]


def read(books: Books, district: District) -> list[Heard]:
    """In order of time."""
    before: dict[tuple[int, str], datetime] = {}
    found = []
    for said in sorted(books.said, key=lambda one: one.at):
        text = plain(said.text)
        digest, lines = _lines(text)
        last = before.get((said.chat_id, text))
        fresh = said.method.startswith("send")
        pardoned = bool(fresh and last and _in_doubt(books, last, said.at))
        if fresh:
            before[said.chat_id, text] = said.at
        found.append(Heard(said, district.person_at(said.chat_id, said.at), text, lines, digest, pardoned))
    return found


def _in_doubt(books: Books, first: datetime, second: datetime) -> bool:
    """Whether the bot may not have learned that the first was sent: it was killed, or cut off, within seconds of it,
    and said it again as soon as it could."""
    near = timedelta(seconds=90)
    return any(one.since - near <= first <= one.until and second <= one.until + near for one in books.away)


def plain(text: str) -> str:
    return html.unescape(_TAG.sub("", text)).strip()


def _lines(text: str) -> tuple[bool, tuple[Line, ...]]:
    first, _, rest = text.partition("\n")
    if first in DIGEST.values():
        bullets = ("\n" + rest).split("\n" + BULLET)[1:]
        return True, tuple(_for_whom(one) or Line("", "", {}, one) for one in bullets)
    found = _for_whom(text)
    return False, (found,) if found else ()


def _for_whom(text: str) -> Line | None:
    first, _, rest = text.partition("\n")
    for pattern in INSTEAD.patterns.values():
        if above := pattern.fullmatch(first):
            found = _line(rest.partition("\n")[0], rest)
            return found and replace(found, instead=above["name"])
    return _line(first, text)


def _line(first: str, body: str) -> Line | None:
    for saying in SAYINGS:
        for language, pattern in saying.patterns.items():
            if match := pattern.fullmatch(first):
                return Line(saying.kind, language, match.groupdict(), body)
    return None


# --- what stands in the places


def codes(text: str) -> list[str]:
    """What stands in brackets: codes of children among other things."""
    return _CODE.findall(text)


def more(text: str) -> int:
    """How many more than those named."""
    return sum(int(count) for count in _MORE.findall(text))


def days(text: str, near: datetime) -> Iterator[date]:
    """The days that are named; one without a year is the nearest such day."""
    for year, month, day in _ZH_DAY.findall(text):
        yield _nearest(int(year or 0), int(month), int(day), near)
    for day, name, year in _EN_DAY.findall(text):
        if name in _MONTHS:
            yield _nearest(int(year or 0), _MONTHS.index(name) + 1, int(day), near)


def _nearest(year: int, month: int, day: int, near: datetime) -> date:
    today = day_of(near)
    years = [year] if year else [today.year - 1, today.year, today.year + 1]
    found = [date(one, month, day) for one in years if (month, day) != (2, 29) or one % 4 == 0]
    return min(found, key=lambda one: abs((one - today).days))


def month(name: str, near: datetime) -> date:
    """A report's month by its last day: '11月' or 'November'."""
    number = int(name[:-1]) if name.endswith("月") else _MONTHS.index(name[:3]) + 1
    return _nearest(0, number, 22, near)


def local(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
