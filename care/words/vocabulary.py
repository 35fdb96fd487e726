"""One vocabulary of all the languages that a district speaks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from care.words import choosing
from care.words.lexicon import Lexicon
from care.words.normal import normalise, short, without_pictures
from care.words.numbers import Numerals

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class Words:
    """What people type. Every method takes the message as typed; None, or False, says that it is anything else."""

    numerals: Numerals
    lexicon: Lexicon
    answers: Mapping[str, bool]
    controls: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]
    fine: frozenset[str]
    friendly: frozenset[str]
    harms: Mapping[str, str]
    harmless: tuple[str, ...]
    """What sounds like harm and is not, the longest first."""
    doubts: frozenset[str]
    ranks: tuple[str, ...]
    got_it: frozenset[str]
    unsaid: tuple[str, ...]
    """What families never read from us, in small letters."""

    @classmethod
    def from_tables(cls, tables: Mapping[str, Table] | Iterable[Table]) -> Words:
        """From the words.toml of each language. Raises ValueError where one word would mean two things."""
        every = list(tables.values() if isinstance(tables, Mapping) else tables)
        numerals = Numerals.from_tables(_section(every, "numbers"))
        answers = _section(every, "answers")
        well = _section(every, "well")
        noticed = _section(every, "notices")
        harmless = _section(every, "harmless")
        return cls(
            numerals,
            Lexicon.from_tables(_section(every, "days"), numerals),
            {word: value == "yes" for word, value in _meanings("answers", answers, ("yes", "no")).items()},
            _meanings("controls", _section(every, "controls")),
            {kind: _meanings(kind, own) for kind, own in _by_kind(_section(every, "choices")).items()},
            frozenset(normalise(word) for table in well for word in table.get("messages", ())),
            frozenset(sign for table in well for sign in table.get("friendly", ())),
            _meanings("harm", _section(every, "harm")),
            tuple(sorted((normalise(said) for table in harmless for said in table.get("phrases", ())), key=len)[::-1]),
            frozenset(word for table in answers for word in table.get("doubts", ())),
            tuple(word for table in _section(every, "numbers") for word in table.get("ranks", ())),
            frozenset(normalise(word) for table in noticed for word in table.get("got_it", ())),
            tuple(word for table in noticed for word in table.get("unsaid", ())),
        )

    def yes_or_no(self, typed: str) -> bool | None:
        return None if _asks(typed) else _look_up(self.answers, typed)

    def number(self, typed: str) -> int | None:
        """A whole number from 0 up; None for two numbers, fractions, 'twenty-odd' and lengths of time in hours."""
        return self.numerals.counted(short(typed))

    def minutes(self, typed: str) -> int | None:
        """A length of time in minutes: 'half an hour', '1.5 hours', 'an hour and twenty minutes', or a bare number."""
        return self.numerals.minutes(short(typed))

    def choice(self, kind: str, typed: str, options: Mapping[str, Sequence[str]]) -> str | None:
        """The value of `options` (value -> its labels in every language, in the order shown) that was typed.

        Exact labels and words come before a number in the row, and that before a part of a label.
        """
        text = choosing.plain(short(typed))
        if not text:
            return None
        phrases = {word: value for word, value in self.choices.get(kind, {}).items() if value in options}
        exact = choosing.by_label(text, options) or phrases.get(text) or phrases.get(short(typed))
        if exact or (exact := self._in_row(text, list(options))):
            return exact
        if _asks(typed) or text in self.answers or text in self.doubts:
            return None
        labels = {choosing.plain(label): value for value, written in options.items() for label in written}
        part = choosing.by_part_of_label(text, options)
        return part or choosing.by_phrase_within(text, labels | phrases, self.doubts)

    def control(self, typed: str) -> str | None:
        """'back', 'skip', 'cancel', 'help', 'done', 'save' or 'menu'."""
        return _look_up(self.controls, typed)

    def well(self, typed: str) -> bool:
        """Whether the whole message says that all is well. A closed list: a question or a hesitation is not on it."""
        text = short(typed)
        if not text or _asks(typed) or _hesitates(typed):
            return False
        for mark in (*self.friendly, ","):
            text = text.replace(mark, " ") if text != mark else text
        text = normalise(text)
        return text in self.fine or text.replace(" ", "") in self.fine

    def noticed(self, typed: str) -> bool:
        """Whether the whole message says 'I have seen it'."""
        text = short(typed)
        return not _asks(typed) and (text in self.got_it or normalise(without_pictures(text)) in self.got_it)

    def harm(self, typed: str) -> frozenset[str]:
        """The kinds of harm that words in the message point to; it may be of any length."""
        text = normalise(typed)
        for said in self.harmless:
            text = text.replace(said, " ")
        return frozenset(kind for word, kind in self.harms.items() if choosing.stands_in(word, text))

    def _in_row(self, text: str, values: Sequence[str]) -> str | None:
        rank = next((rank for rank in self.ranks if text.startswith(rank)), "")
        place = self.numerals.counted(text.removeprefix(rank).strip()) if rank else self.numerals.whole(text)
        return values[place - 1] if place is not None and 1 <= place <= len(values) else None


_Meaning = TypeVar("_Meaning")


def _look_up(table: Mapping[str, _Meaning], typed: str) -> _Meaning | None:
    text = short(typed)
    found = table.get(text)
    return table.get(normalise(without_pictures(text))) if found is None else found


def _asks(typed: str) -> bool:
    return "?" in unicodedata.normalize("NFKC", typed)


def _hesitates(typed: str) -> bool:
    text = unicodedata.normalize("NFKC", typed)
    return "..." in text or "\u3002\u3002" in text


def _section(tables: Iterable[Table], name: str) -> list[Table]:
    return [table.get(name, {}) for table in tables]


def _by_kind(sections: Iterable[Table]) -> dict[str, list[Table]]:
    kinds: dict[str, list[Table]] = {}
    for section in sections:
        for kind, table in section.items():
            kinds.setdefault(kind, []).append(table)
    return kinds


def _meanings(name: str, tables: Iterable[Table], values: Iterable[str] | None = None) -> dict[str, str]:
    """What each word means, from tables of value -> words. One word has one meaning."""
    meanings: dict[str, str] = {}
    for value, word in _written(tables, values):
        text = choosing.plain(word)
        if meanings.setdefault(text, value) != value:
            raise ValueError(f"words.toml, {name}: {word!r} stands for {meanings[text]!r} and for {value!r}")
    return meanings


def _written(tables: Iterable[Table], values: Iterable[str] | None) -> Iterator[tuple[str, str]]:
    for table in tables:
        for value in table if values is None else values:
            yield from ((value, word) for word in table.get(value, ()))
