"""Typed text in one shape, so that the same words compare equal however the phone wrote them."""

from __future__ import annotations

import unicodedata

LONGEST = 80
"""Longer messages are never a date, a number or a word that steers: they are told stories."""

_PICTURES = frozenset({"So", "Sk", "Cn", "Co"})
_PART_OF_A_WORD = "%#&*@/\\"


def normalise(typed: str) -> str:
    """Full-width forms, capitals and all digits made plain; invisible marks, spare spaces, closing punctuation gone."""
    text = unicodedata.normalize("NFKC", "".join(map(_visible, typed))).casefold()
    words = "".join(map(_plain_digit, unicodedata.normalize("NFKC", text))).split()
    return _without_end(" ".join(words))


def short(typed: str) -> str:
    """`normalise`, and nothing for what is too long to be one of the short things we look for."""
    return normalise(typed) if len(typed) <= LONGEST else ""


def without_pictures(text: str) -> str:
    """Without emoji and other symbols."""
    return " ".join("".join(" " if unicodedata.category(char) in _PICTURES else char for char in text).split())


def is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cc":
        return " "
    # Me is the frame of a keycap emoji: what is left of it is the digit.
    hidden = category in ("Cf", "Me") or "\ufe00" <= char <= "\ufe0f"
    return "" if hidden else char


def _plain_digit(char: str) -> str:
    return str(unicodedata.digit(char)) if not char.isascii() and char.isdecimal() else char


def _without_end(text: str) -> str:
    end = len(text)
    while end and _closes(text[end - 1]):
        end -= 1
    return text[:end]


def _closes(char: str) -> bool:
    return char in "~ " or (unicodedata.category(char) in ("Po", "Pf") and char not in _PART_OF_A_WORD)
