from datetime import UTC, datetime, timedelta

import pytest

from bot.demo.clock import Clock


def test_it_runs_and_is_turned() -> None:
    start = datetime(2026, 6, 1, tzinfo=UTC)
    clock = Clock(start)
    assert start <= clock.now() < start + timedelta(minutes=1)
    clock.forward(start + timedelta(days=30))
    assert clock.now() >= start + timedelta(days=30)
    with pytest.raises(ValueError, match="forward"):
        clock.forward(start)
    clock.jump(start)
    assert clock.now() < start + timedelta(minutes=1)


def test_it_starts_as_the_real_one() -> None:
    assert abs(Clock().now() - datetime.now(UTC)) < timedelta(minutes=1)
