"""Which of the offered things somebody typed: by its label, by another word for it, or by a part of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from care.words.normal import is_latin, normalise, without_pictures

Options = Mapping[str, Sequence[str]]
_PAUSE = re.compile(r"[,;:!?\u3001\u3002]")


def plain(text: str) -> str:
    return without_pictures(normalise(text)) or normalise(text)


def by_label(typed: str, options: Options) -> str | None:
    return _only(value for value, labels in options.items() if any(plain(label) == typed for label in labels))


def by_part_of_label(typed: str, options: Options) -> str | None:
    """The one label that begins with the typed text; else the one in which it stands (at the start of a word)."""
    if len(typed) < (2 if is_latin(typed[0]) else 1):
        return None
    labels = [(value, plain(label)) for value, written in options.items() for label in written]
    begins = {value for value, label in labels if label.startswith(typed)}
    if begins or len(typed) < 2:
        return _only(begins)
    return _only(value for value, label in labels if stands_in(typed, label))


def by_phrase_within(typed: str, phrases: Mapping[str, str], doubts: Iterable[str]) -> str | None:
    """The one value whose phrases make up most of the typed text, if nothing in the rest takes it back."""
    if _PAUSE.search(typed):
        return None
    rest, found = typed, set()
    for phrase in sorted(phrases, key=len, reverse=True):
        if len(phrase) >= (3 if is_latin(phrase[0]) else 2) and stands_in(phrase, rest):
            rest = rest.replace(phrase, " ")
            found.add(phrases[phrase])
    if len("".join(rest.split())) * 2 > len(typed) or any(doubt in f" {rest} " for doubt in doubts):
        return None
    return _only(found)


def stands_in(part: str, whole: str) -> bool:
    at = whole.find(part)
    while at >= 0:
        if not is_latin(part[0]) or at == 0 or not whole[at - 1].isalpha():
            return True
        at = whole.find(part, at + 1)
    return False


def _only(values: Iterable[str]) -> str | None:
    found: Iterator[str] = iter(set(values))
    first = next(found, None)
    return None if next(found, None) is not None else first
