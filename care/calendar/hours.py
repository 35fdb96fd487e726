"""The hours of the day: when nobody is disturbed, and which moment an hour of a day is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

QUIET_FROM = time(21, 30)
QUIET_UNTIL = time(7)
DIGEST = time(8)
"""When the day's digest is said."""


def quiet(local: datetime) -> bool:
    """Whether this moment, in the district's own time, lies in the quiet hours (21:30 to 7:00)."""
    return local.time() >= QUIET_FROM or local.time() < QUIET_UNTIL


def after_quiet(local: datetime) -> datetime:
    """The moment itself, or the end of the quiet hours in which it lies, in the same zone; `local` must be aware."""
    if not quiet(local):
        return local
    return next_at(local, QUIET_UNTIL)


def next_at(local: datetime, hour: time) -> datetime:
    """The first moment after `local` at which the clocks of its zone show this hour."""
    assert local.tzinfo is not None
    today = moment(local.date(), hour, local.tzinfo)
    found = today if today > local.astimezone(UTC) else moment(local.date() + timedelta(days=1), hour, local.tzinfo)
    return found.astimezone(local.tzinfo)


def moment(day: date, hour: time, zone: tzinfo) -> datetime:
    """That hour of that day in the zone, in UTC. Of an hour that comes twice it is the first; in place of one that the
    clocks leap over it is the moment as long after the leap."""
    return datetime.combine(day, hour.replace(fold=0), tzinfo=zone).astimezone(UTC)
