"""Cells of a roster: what people typed into a sheet becomes a code, a day, a phone number, a word of the programme.

Every reader takes the validation context: a `Sheet` for typed cells; None for canonical values, which it passes on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import phonenumbers
from pydantic import ValidationInfo

from care.text import T, Text, phrase, words

_COUNTRY = "CN"
_CODE_LENGTH = 32
_BETWEEN_CODES = re.compile(r"[\s,;/|+&\u3001]+")
_REMARKS_IN_BRACKETS = re.compile(r"\(.*?\)")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_PHONE = re.compile(r"[\d\s+().\-]+")
_TIME_OF_DAY = re.compile(r"[ T]+\d{1,2}:\d{2}.*$")

_MOST_CHOICES = 12

EMPTY = T("This cell is empty, and it is needed.")
_NO_CODE = T("“{typed}” cannot be a code: up to {most} letters and digits, without blanks or commas.")
_NO_PHONE = T(
    "“{typed}” is not a phone number that exists. A mobile number has 11 digits; a landline needs its area code."
)
_NO_NUMBER = T("“{typed}” should be a number from {least} to {most}.")
_NO_WORD = T("I do not know “{typed}” here; it can be {choices}.")
_NO_DATE = T("I cannot read “{typed}” as a date. Please write year, month, day, like 2016-09-01.")
_NO_DAY = T("There is no day “{typed}” in the calendar.")
_NOT_YET = T("“{typed}” has not come yet.")
_TOO_LONG_AGO = T("“{typed}” is more than {years} years ago. Is the year right?")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is needed to read a cell: today's date, and per kind of word what people write -> what we call it."""

    today: date
    words: Mapping[str, Mapping[str, str]]


class BadCell(ValueError):
    """The cell cannot be taken as it is; `says` tells why and what would do."""

    def __init__(self, says: Text) -> None:
        super().__init__(says.msgid)
        self.says = says


Reader = Callable[[Any, ValidationInfo], Any]


def fold(typed: str) -> str:
    """The same word however it was typed: no width, case, spaces, marks or remarks in brackets."""
    plain = _REMARKS_IN_BRACKETS.sub("", unicodedata.normalize("NFKC", typed))
    return re.sub(r"[\s_*:.\-]", "", plain).casefold()


def tidy(typed: str) -> str:
    """Digits and letters in their plain width, no blanks around."""
    return unicodedata.normalize("NFKC", typed).strip()


def shown(typed: str) -> Text:
    """What was typed, as a sentence repeats it: not too much of it."""
    return words(typed if len(typed) <= 40 else typed[:40] + "…")


def code(value: Any, info: ValidationInfo) -> Any:
    typed = tidy(value)
    if not typed:
        raise BadCell(EMPTY)
    if len(typed) > _CODE_LENGTH or _BETWEEN_CODES.search(typed) or not typed.isprintable():
        raise BadCell(_NO_CODE(typed=shown(typed), most=_CODE_LENGTH))
    return typed


def codes(value: Any, info: ValidationInfo) -> Any:
    """Several codes in one cell, in any common way to set them apart."""
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(code(part, info) for part in _BETWEEN_CODES.split(tidy(value)) if part))


def line(most: int, *, needed: bool = False) -> Reader:
    """Somebody's own words, kept literally."""

    def read(value: Any, info: ValidationInfo) -> Any:
        typed = value.strip()
        if needed and not typed:
            raise BadCell(EMPTY)
        if len(typed) > most:
            raise BadCell(T("That is {count} characters; up to {most} fit here.", count=len(typed), most=most))
        return typed

    return read


def choice(kind: str, *, otherwise: str = "") -> Reader:
    """One word of a closed list; an empty cell means `otherwise`."""

    def read(value: Any, info: ValidationInfo) -> Any:
        if not isinstance(info.context, Sheet):
            return value
        return _word(kind, value, info.context) if value.strip() else otherwise

    return read


def choices(kind: str) -> Reader:
    """One word of a closed list, or several."""

    def read(value: Any, info: ValidationInfo) -> Any:
        if not isinstance(info.context, Sheet):
            return value
        sheet, typed = info.context, tidy(value)
        if not typed:
            raise BadCell(EMPTY)
        whole = sheet.words[kind].get(fold(typed))
        parts = [part for part in re.split(r"[,;/|\u3001]+", typed) if part.strip()]
        return (whole,) if whole else tuple(dict.fromkeys(_word(kind, part, sheet) for part in parts))

    return read


def _word(kind: str, typed: str, sheet: Sheet) -> str:
    meant = sheet.words[kind].get(fold(typed))
    if meant is None:
        known = phrase(list(sheet.words[kind])[:_MOST_CHOICES])
        raise BadCell(_NO_WORD(typed=shown(typed.strip()), choices=known))
    return meant


def yes_or_no(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(info.context, Sheet):
        return value
    return bool(value.strip()) and _word("yes_no", value, info.context) == "yes"


def phone(value: Any, info: ValidationInfo) -> Any:
    """A phone number as +8613800000001; None for an empty cell."""
    if not isinstance(info.context, Sheet):
        return value
    typed = tidy(value)
    if not typed:
        return None
    try:
        number = phonenumbers.parse(typed, _COUNTRY)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not (_PHONE.fullmatch(typed) and phonenumbers.is_valid_number(number)):
        raise BadCell(_NO_PHONE(typed=shown(typed)))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def number(least: int, most: int, *, otherwise: int | None = None) -> Reader:
    """A whole number, with or without its unit behind it; an empty cell means `otherwise`."""

    def read(value: Any, info: ValidationInfo) -> Any:
        if not isinstance(info.context, Sheet):
            return value
        typed = tidy(value)
        if not typed:
            return otherwise
        found = re.fullmatch(r"(\d{1,9})(?:\.0+)?\s*[^\W\d_]{0,4}", typed)
        if found is None or not least <= int(found[1]) <= most:
            raise BadCell(_NO_NUMBER(typed=shown(typed), least=str(least), most=str(most)))
        return int(found[1])

    return read


def day(*, years: int) -> Reader:
    """A day from `years` years ago until today; None for an empty cell."""

    def read(value: Any, info: ValidationInfo) -> Any:
        if not isinstance(info.context, Sheet):
            return value
        if not value.strip():
            return None
        found, today = _read_day(value, info.context), info.context.today
        if found > today:
            raise BadCell(_NOT_YET(typed=shown(value.strip())))
        if today.year - found.year > years:
            raise BadCell(_TOO_LONG_AGO(typed=shown(value.strip()), years=years))
        return found

    return read


def _read_day(typed: str, sheet: Sheet) -> date:
    plain = _TIME_OF_DAY.sub("", tidy(typed))
    for mark, meant in sheet.words["date_marks"].items():
        plain = plain.replace(mark, "-" if meant == "between" else "")
    plain = re.sub(r"\s*-\s*", "-", plain).strip("- ")
    found = _YEAR_FIRST.fullmatch(plain) or _EIGHT_DIGITS.fullmatch(plain)
    if found is None:
        raise BadCell(_NO_DATE(typed=shown(typed.strip())))
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        raise BadCell(_NO_DAY(typed=shown(typed.strip()))) from None
