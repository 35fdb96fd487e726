"""Whole numbers and lengths of time as people write them: in digits, in characters, in words with blanks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from care.words.normal import is_latin

_TEN_THOUSAND = 10_000
_NO_PLACE_YET = 100_000
_DIGITS = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2}")
_DECIMAL = re.compile(r"[0-9]{1,3}\.[0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class Numerals:
    """`characters` are written without blanks (below ten a digit, above it a multiplier), `names` with them."""

    characters: Mapping[str, int]
    names: Mapping[str, int]
    joints: frozenset[str]
    before: tuple[str, ...]
    after: tuple[str, ...]
    none: frozenset[str]
    lengths: Mapping[str, tuple[str, ...]]

    @classmethod
    def from_tables(cls, tables: Iterable[Mapping[str, Any]]) -> Numerals:
        """From the [numbers] table of each language."""
        tables = list(tables)
        return cls(
            characters=_values(table.get("characters", {}) for table in tables),
            names=_values(table.get("names", {}) for table in tables),
            joints=frozenset(_all(tables, "joints")),
            before=_longest_first(_all(tables, "before")),
            after=_longest_first(_all(tables, "after")),
            none=frozenset(_all(tables, "none")),
            lengths={
                name: _longest_first(_all([table.get("lengths", {}) for table in tables], name))
                for name in ("hour", "minute", "half", "half_hour", "quarter", "one", "and_half", "loose")
            },
        )

    def whole(self, text: str) -> int | None:
        """The number that the whole text writes."""
        if _DIGITS.fullmatch(text):
            return int(text.replace(",", ""))
        return self.in_characters(text) if text and text[0] in self.characters else self.in_names(text)

    def counted(self, text: str) -> int | None:
        """A number with what people put around it: 'about', 'people'; never one of two numbers, nor 'twenty-odd'."""
        if text in self.none:
            return 0
        core = _strip(text, self.before, self.after)
        return self.whole(core) if core else None

    def minutes(self, text: str) -> int | None:
        """A length of time in minutes; a bare number counts minutes."""
        text = _strip(text, self.before, self.lengths["loose"])
        if (halves := self._fixed(text)) is not None:
            return halves
        for hour in self.lengths["hour"]:
            amount, found, rest = text.partition(hour)
            if found and not (is_latin(hour[-1]) and rest[:1].isalpha()):
                return self._hours(amount.strip(), rest.strip())
        return self.whole(_strip(text, (), self.lengths["minute"]))

    def _hours(self, amount: str, rest: str) -> int | None:
        hours = self._amount(amount)
        if hours is None:
            return None
        if rest in self.lengths["and_half"]:
            return int(hours * 60) + 30
        more = self.whole(_strip(rest, tuple(self.joints), self.lengths["minute"])) if rest else 0
        return None if more is None or more >= 60 else int(hours * 60) + more

    def _amount(self, text: str) -> Fraction | None:
        if _DECIMAL.fullmatch(text):
            return Fraction(text)
        if text in self.lengths["one"]:
            return Fraction(1)
        core = _strip(text, (), self.lengths["half"])
        whole = self.whole(core)
        return None if whole is None else whole + Fraction(int(core != text), 2)

    def _fixed(self, text: str) -> int | None:
        if text in self.lengths["half_hour"]:
            return 30
        return 15 if text in self.lengths["quarter"] else None

    def in_characters(self, text: str) -> int | None:
        values = [self.characters.get(char, -1) for char in text]
        if values == [0]:
            return 0
        if _TEN_THOUSAND not in values:
            return _section(values, place=_NO_PLACE_YET)
        at = values.index(_TEN_THOUSAND)
        high, low = _section(values[:at], place=_NO_PLACE_YET), _section(values[at + 1 :], place=_TEN_THOUSAND)
        return None if not high or low is None else high * _TEN_THOUSAND + low

    def in_names(self, text: str) -> int | None:
        parts = [part for part in text.replace("-", " ").split() if part not in self.joints]
        values = [self.names.get(part) for part in parts]
        total, group, ceiling = 0, 0, 1_000_000
        for value in values:
            if value is None or (value < 100 and value >= ceiling):
                return None
            if value < 100:
                group, ceiling = group + value, 10 if value >= 20 else 0
            elif value == 100:
                group, ceiling = max(group, 1) * 100, 100
            else:
                total, group, ceiling = total + max(group, 1) * value, 0, 1_000_000
        return total + group if values else None


def _section(values: Sequence[int], place: int) -> int | None:
    """Digits and multipliers below ten thousand. A last digit right after a place counts the next: '2 100 5' is 250."""
    total, rest = 0, list(values)
    while rest:
        match rest:
            case [0, digit] if digit < 10 and place < _NO_PLACE_YET:
                return total + digit if digit else None
            case [0, *more] if more and more[0] and place < _NO_PLACE_YET:
                rest = more
            case [digit, unit, *more] if 0 < digit < 10 <= unit < place:
                total, place, rest = total + digit * unit, unit, more
            case [10, *more] if place > 10:
                total, place, rest = total + 10, 10, more
            case [digit] if 0 < digit < 10:
                return total + digit * (place // 10 if 100 <= place <= _TEN_THOUSAND else 1)
            case _:
                return None
    return total


def _strip(text: str, before: Iterable[str], after: Iterable[str]) -> str:
    """Without the given words at both ends, as long as something is left."""
    while True:
        shorter = _strip_once(text, before, after)
        if shorter in (text, ""):
            return text
        text = shorter


def _strip_once(text: str, before: Iterable[str], after: Iterable[str]) -> str:
    for word in before:
        rest = text[len(word) :]
        if text.startswith(word) and not (is_latin(word[-1]) and rest[:1].isalpha()):
            return rest.strip()
    for word in after:
        rest = text[: -len(word)]
        if text.endswith(word) and not (is_latin(word[0]) and rest[-1:].isalpha()):
            return rest.strip()
    return text


def _values(tables: Iterable[Mapping[str, Iterable[str]]]) -> dict[str, int]:
    return {word: int(value) for table in tables for value, written in table.items() for word in written}


def _all(tables: Iterable[Mapping[str, Any]], name: str) -> list[str]:
    return [word for table in tables for word in table.get(name, ())]


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words), key=lambda word: (-len(word), word)))
