"""The words of a date: typed text becomes tokens, each a kind and a value. The longest word wins at every place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from care.words.normal import is_latin
from care.words.numbers import Numerals


class Kind(StrEnum):
    """One letter each: the forms of a date are patterns over these letters."""

    NUMBER = "N"  # written in digits
    SPELLED = "C"  # a number written in words or characters
    FULL_YEAR = "Z"  # four digits
    PACKED = "X"  # eight digits
    RELATIVE = "R"
    WEEKDAY = "W"
    SHIFT = "H"  # counts calendar weeks or months
    NEAREST = "L"  # 'last', 'next': the nearest such day
    YEARS = "J"
    FESTIVAL = "F"
    MONTH_NAME = "B"
    PART = "P"
    HALF_DAY = "Q"
    SEPARATOR = "S"
    YEAR_MARK = "Y"
    MONTH_MARK = "M"
    DAY_MARK = "D"
    HOUR_MARK = "O"
    MINUTE_MARK = "I"
    COLON = "c"
    HALF = "h"
    QUARTER = "q"
    DAYS = "u"
    WEEKS = "k"
    MONTHS = "m"
    CALENDAR_YEARS = "y"
    AGO = "G"
    LATER = "T"
    WITHIN = "i"
    BY = "b"  # 'by Friday': the same day as 'Friday' where a promise is meant, and not in an account of the past
    MONTH_END = "E"
    END_OF = "e"
    ARTICLE = "a"
    VAGUE = "V"


class Token(NamedTuple):
    kind: Kind
    value: int | str


_VALUED = {
    "relative": Kind.RELATIVE,
    "weekdays": Kind.WEEKDAY,
    "shift": Kind.SHIFT,
    "nearest": Kind.NEAREST,
    "years": Kind.YEARS,
    "months": Kind.MONTH_NAME,
}
_NAMED = {
    "festivals": Kind.FESTIVAL,
    "parts": Kind.PART,
    "halves_of_the_day": Kind.HALF_DAY,
    "separators": Kind.SEPARATOR,
}
_MARKS = {
    "year": Kind.YEAR_MARK,
    "month": Kind.MONTH_MARK,
    "day": Kind.DAY_MARK,
    "hour": Kind.HOUR_MARK,
    "minute": Kind.MINUTE_MARK,
    "colon": Kind.COLON,
    "half": Kind.HALF,
    "quarter": Kind.QUARTER,
    "days": Kind.DAYS,
    "weeks": Kind.WEEKS,
    "months": Kind.MONTHS,
    "years": Kind.CALENDAR_YEARS,
    "ago": Kind.AGO,
    "later": Kind.LATER,
    "within": Kind.WITHIN,
    "by": Kind.BY,
    "month_end": Kind.MONTH_END,
    "end_of": Kind.END_OF,
    "article": Kind.ARTICLE,
    "vague": Kind.VAGUE,
}
_DIGITS = re.compile(r"[0-9]+")
_LARGEST_IN_WORDS = 100
_SKIPPED = frozenset({"Zs", "So", "Sk", "Ps", "Pe", "Pi", "Pf"})


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All words of dates. A word stands for one token, for two ('last night') or for none (a particle)."""

    entries: Mapping[str, tuple[Token, ...]]
    pattern: re.Pattern[str]
    characters: re.Pattern[str]
    numerals: Numerals

    @classmethod
    def from_tables(cls, tables: Iterable[Mapping[str, Any]], numerals: Numerals) -> Lexicon:
        """From the [days] table of each language; raises ValueError where a word would mean two things."""
        entries: dict[str, tuple[Token, ...]] = {
            name: (Token(Kind.SPELLED, value),) for name, value in numerals.names.items() if value < _LARGEST_IN_WORDS
        }
        for table in tables:
            for word, tokens in _entries(table):
                if entries.setdefault(word, tokens) != tokens:
                    raise ValueError(f"words.toml, days: {word!r} stands for {entries[word]} and for {tokens}")
        words = sorted(entries, key=len, reverse=True)
        characters = "".join(map(re.escape, numerals.characters))
        return cls(
            entries,
            re.compile("|".join(map(_bounded, words)) or "(?!)"),
            re.compile(f"[{characters}]+" if characters else "(?!)"),
            numerals,
        )

    def tokens(self, text: str) -> list[Token] | None:
        """None where anything is no word of a date."""
        found: list[Token] = []
        at = 0
        while at < len(text):
            if unicodedata.category(text[at]) in _SKIPPED:
                at += 1
                continue
            read = self._next(text, at)
            if read is None:
                return None
            tokens, at = read
            found += tokens
        return found

    def _next(self, text: str, at: int) -> tuple[tuple[Token, ...], int] | None:
        if digits := _DIGITS.match(text, at):
            number = _in_digits(digits[0])
            return ((number,), digits.end()) if number else None
        word, spelled = self.pattern.match(text, at), self.characters.match(text, at)
        if spelled and (not word or spelled.end() > word.end()):
            number = self._spelled(spelled[0])
            return ((number,), spelled.end()) if number else None
        return (self.entries[word[0]], word.end()) if word else None

    def _spelled(self, run: str) -> Token | None:
        value = self.numerals.in_characters(run)
        if value is not None:
            return Token(Kind.SPELLED, value)
        digits = "".join(str(self.numerals.characters[char]) for char in run)
        return Token(Kind.FULL_YEAR, int(digits)) if len(run) == len(digits) == 4 else None


def _in_digits(digits: str) -> Token | None:
    match len(digits):
        case 1 | 2 | 3:
            return Token(Kind.NUMBER, int(digits))
        case 4:
            return Token(Kind.FULL_YEAR, int(digits))
        case 8:
            return Token(Kind.PACKED, digits)
    return None


def _entries(table: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Token, ...]]]:
    for name, kind in _VALUED.items():
        yield from ((word, (Token(kind, int(value)),)) for value, word in _pairs(table, name))
    for name, kind in _NAMED.items():
        yield from ((word, (Token(kind, value),)) for value, word in _pairs(table, name))
    for name, word in _pairs(table, "marks"):
        yield word, (Token(_MARKS[name], name),)
    for value, word in _pairs(table, "ordinals"):
        yield word, (Token(Kind.SPELLED, int(value)), Token(Kind.DAY_MARK, "day"))
    for moment, word in _pairs(table, "moments"):
        offset, part = moment.split()
        yield word, (Token(Kind.RELATIVE, int(offset)), Token(Kind.PART, part))
    yield from ((word, ()) for word in table.get("particles", ()))


def _pairs(table: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    for value, words in table.get(name, {}).items():
        yield from ((value, word) for word in words)


def _bounded(word: str) -> str:
    """Words in Latin letters end where a letter does not follow: 'sun' is not in 'sunny'."""
    before = "(?<![a-z])" if is_latin(word[0]) else ""
    after = "(?![a-z])" if is_latin(word[-1]) else ""
    return before + re.escape(word) + after
