"""The forms in which a day is written: patterns over the letters of `care.words.lexicon.Kind`, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from care.days import calendar
from care.days.calendar import Standpoint
from care.days.day import DayError, DayProblem
from care.words.lexicon import Token

Values = Mapping[str, Any]
Reader = Callable[[Values, Standpoint], "date | None"]

_YEAR = "(?:(?P<year>[ZNC])Y|(?P<years>J))"


@dataclass(frozen=True, slots=True)
class Form:
    """`read` answers None where the tokens only look like this form. `bare`: a weekday, it may stand beside a date."""

    pattern: re.Pattern[str]
    read: Reader
    bare: bool = False

    def day(self, values: Values, seen: Standpoint) -> date | None:
        """As `read`, with a DayError for what no calendar has."""
        try:
            return self.read(values, seen)
        except DayError:
            raise
        except (ValueError, OverflowError):
            raise DayError(DayProblem.NO_SUCH_DAY) from None

    def match(self, letters: str, tokens: Sequence[Token], at: int) -> tuple[int, Values] | None:
        """How far it reaches from `at`, and its named values."""
        found = self.pattern.match(letters, at)
        if not found:
            return None
        return found.end(), {name: tokens[found.start(name)].value for name, text in found.groupdict().items() if text}


def forms_at(
    letters: str, tokens: Sequence[Token], at: int, forms: Sequence[Form]
) -> Iterator[tuple[int, Form, Values]]:
    """The forms that begin here, the longest first."""
    found = [(reach[0], form, reach[1]) for form in forms if (reach := form.match(letters, tokens, at))]
    yield from sorted(found, key=lambda one: -one[0])


def _dated(values: Values, seen: Standpoint) -> date | None:
    if values["first_mark"] != values["second_mark"]:
        return None
    year = values["year"]
    if year < 100:
        year += 2000
        if abs(year - seen.today.year) > 1:
            return None
    return date(year, values["month"], values["day"])


def _year_last(values: Values, _: Standpoint) -> date:
    """Month first or day first: read only where it makes no difference, or one of them cannot be a month."""
    first, second = values["first"], values["second"]
    if first != second and max(first, second) <= 12:
        raise DayError(DayProblem.AMBIGUOUS)
    return date(values["year"], *sorted((first, second)))


def _packed(values: Values, _: Standpoint) -> date:
    digits = values["packed"]
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def _marked(values: Values, seen: Standpoint) -> date | None:
    """Month and day, with or without a year. Day first only behind a slash, where the first cannot be a month."""
    month, day = values["month"], values["day"]
    if values.get("slash") == "/" and 12 < month <= 31 and day <= 12:
        month, day = day, month
    year = _year(values, seen)
    return calendar.of_the_year(month, day, seen) if year is None else date(year, month, day)


def _spelled_month_day(values: Values, _: Standpoint) -> date:
    raise DayError(DayProblem.AMBIGUOUS)


def _festival(values: Values, seen: Standpoint) -> date | None:
    month, day = values["festival"].split("-")
    return _marked({**values, "month": int(month), "day": int(day)}, seen)


def _year(values: Values, seen: Standpoint) -> int | None:
    if "years" in values:
        return seen.today.year + int(values["years"])
    year = values.get("year")
    return year + 2000 if year is not None and year < 100 else year


def _day_of_month(values: Values, seen: Standpoint) -> date:
    if "shift" not in values:
        return calendar.of_the_month(values["day"], seen)
    first = calendar.month_after(seen.today, values["shift"])
    return date(first.year, first.month, values["day"])


def _month_end(values: Values, seen: Standpoint) -> date:
    if "month" in values:
        year = _year(values, seen) or calendar.of_the_year(values["month"], 28, seen).year
        return calendar.end_of_month(date(year, values["month"], 1))
    if "shift" in values:
        return calendar.end_of_month(calendar.month_after(seen.today, values["shift"]))
    return calendar.end_of_some_month(seen)


def _relative(values: Values, seen: Standpoint) -> date:
    return calendar.away(values["days"], "days", seen)


def _counted(values: Values, seen: Standpoint) -> date:
    count = 1 if values["count"] == "article" else values["count"]
    unit = "years" if values["unit"] == "year" else values["unit"]
    return calendar.away(-count if values.get("way") == "ago" else count, unit, seen)


def _weekday(values: Values, seen: Standpoint) -> date | None:
    """A weekday by its name, or by a digit after 'week'; of the week that is named, if one is."""
    number = values["weekday"]
    if not 1 <= number <= 7:
        return None
    if "near" in values:
        return calendar.weekday_near(number, values["near"], seen)
    if "shift" in values:
        return calendar.weekday_in_week(number, values["shift"], seen)
    return calendar.weekday(number, seen)


def _vague(_: Values, __: Standpoint) -> date:
    raise DayError(DayProblem.AMBIGUOUS)


def _form(pattern: str, read: Reader, *, bare: bool = False) -> Form:
    return Form(re.compile(pattern.replace("<year?>", f"{_YEAR}?")), read, bare)


_AFTER = "(?:(?P<year>Z)|(?P<years>J))?"

DAY_FORMS = (
    _form("(?P<year>[ZN])(?P<first_mark>S)(?P<month>N)(?P<second_mark>S)(?P<day>N)D?", _dated),
    _form("(?P<first>N)S(?P<second>N)S(?P<year>Z)", _year_last),
    _form("(?P<packed>X)", _packed),
    _form("<year?>(?P<month>N)(?P<slash>S)(?P<day>N)D?", _marked),
    _form("<year?>(?P<month>[NC])M(?P<day>[NC])D", _marked),
    _form("<year?>(?P<month>N)M(?P<day>N)", _marked),
    _form("<year?>(?P<month>[NC])M(?P<day>C)", _spelled_month_day),
    _form(f"(?P<month>B)S?(?P<day>[NC])D?{_AFTER}", _marked),
    _form(f"(?P<day>[NC])D?S?(?P<month>B)S?{_AFTER}", _marked),
    _form("<year?>(?P<festival>F)", _festival),
    _form("(?P<day>[NC])D", _day_of_month),
    _form("(?P<shift>[HL])[Mm](?P<day>[NC])D", _day_of_month),
    _form("(?P<day>[NC])D(?P<shift>[HL])[Mm]", _day_of_month),
    _form("(?:(?P<shift>[HL])[Mm]?)?E", _month_end),
    _form("e(?P<shift>[HL])?m", _month_end),
    _form("<year?>(?P<month>[NC])M?E", _month_end),
    _form(f"e(?P<month>B){_AFTER}", _month_end),
    _form("(?P<days>R)", _relative),
    _form("(?P<count>[NCa])(?P<unit>[ukmyY])(?P<way>[GT])", _counted),
    _form("i(?P<count>[NCa])(?P<unit>[ukmy])", _counted),
    _form("(?P<weekday>W)", _weekday, bare=True),
    _form("k(?P<weekday>N)", _weekday, bare=True),
    _form("(?P<near>L)(?P<weekday>W)", _weekday),
    _form("(?P<shift>H)k?(?P<weekday>W)", _weekday),
    _form("(?P<shift>[HL])k(?P<weekday>[WN])", _weekday),
    _form("(?P<weekday>W)(?P<shift>[HL])k", _weekday),
    _form("[HL]?V", _vague),
    _form("[HL][kMmyY]", _vague),
    _form("<year?>[NC]M", _vague),
    _form(f"B{_AFTER}", _vague),
    _form("J|[ZNC]Y", _vague),
)
