"""The calendar of the programme: hours in which nobody is disturbed."""

from __future__ import annotations

from datetime import datetime, time

QUIET_FROM = time(21, 30)
QUIET_UNTIL = time(7)


def quiet(local: datetime) -> bool:
    """Whether this moment, in the district's own time, lies in the quiet hours (21:30 to 7:00)."""
    return local.time() >= QUIET_FROM or local.time() < QUIET_UNTIL


class Calendar:
    """STAND-IN until the real one lands."""


def after_quiet(local: datetime) -> datetime:
    if not quiet(local):
        return local
    from datetime import timedelta

    day = local + timedelta(days=1) if local.time() >= QUIET_FROM else local
    return day.replace(hour=7, minute=0, second=0, microsecond=0)
