"""Public holidays and their make-up days, as the state announces them, one year at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

import chinese_calendar

from care.text import T, Text


@dataclass(frozen=True, slots=True)
class PublicDay:
    """A day off, or a weekend's day on which school is made up for one."""

    off: bool
    name: Text


Holidays = Mapping[date, PublicDay]

_NAMES = {
    "New Year's Day": T("New Year’s Day"),
    "Spring Festival": T("Spring Festival"),
    "Tomb-sweeping Day": T("Tomb-sweeping Day"),
    "Labour Day": T("Labour Day"),
    "Dragon Boat Festival": T("Dragon Boat Festival"),
    "Mid-autumn Festival": T("Mid-autumn Festival"),
    "National Day": T("National Day"),
}
_OTHER = T("public holiday")


@cache
def announced() -> Holidays:
    """All that has been announced by the time this program was made; a year without any day is not announced yet."""
    known = chinese_calendar.constants
    off = {day: PublicDay(True, _NAMES.get(name, _OTHER)) for day, name in known.holidays.items()}
    school = {day: PublicDay(False, _NAMES.get(name, _OTHER)) for day, name in known.workdays.items()}
    return MappingProxyType(off | school)
