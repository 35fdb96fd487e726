"""When it is asked who takes a concern on: every ten minutes in the first hour, then hourly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from care.concern import Gravity, Lane, asked_at, asked_next

OPENED = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)


def moments(level: Gravity, lane: Lane, count: int) -> list[float]:
    """In minutes after the opening."""
    found, now = [], OPENED
    for _ in range(count):
        now = asked_next(level, lane, OPENED, now)
        assert asked_at(level, lane, OPENED, now) == now
        assert asked_at(level, lane, OPENED, now + timedelta(seconds=59)) == now
        found.append((now - OPENED) / timedelta(minutes=1))
    return found


def test_an_urgent_one() -> None:
    assert moments(Gravity.URGENT, Lane.OPEN, 8) == [10, 20, 30, 40, 50, 60, 120, 180]


def test_one_to_keep_an_eye_on_comes_again_after_days() -> None:
    days = [minutes / 1440 for minutes in moments(Gravity.WATCH, Lane.OPEN, 4)]
    assert days == [3, 7, 14, 21]


def test_the_quiet_lane_does_not_shout() -> None:
    hours = [minutes / 60 for minutes in moments(Gravity.URGENT, Lane.QUIET, 4)]
    assert hours == [1, 4, 24, 48]


def test_after_an_outage_it_is_asked_once() -> None:
    later = OPENED + timedelta(hours=7, minutes=20)
    assert asked_at(Gravity.URGENT, Lane.OPEN, OPENED, later) == OPENED + timedelta(hours=7)
    assert asked_next(Gravity.URGENT, Lane.OPEN, OPENED, later) == OPENED + timedelta(hours=8)
