"""What comes round again: how each time ended."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.engine.courses import ended
from bot.engine.duty import Standing

EVERY = timedelta(days=14)
MAY = [date(2026, 5, day) for day in range(1, 32)]


@pytest.mark.parametrize(
    ("after", "stands"),
    [(1, Standing.MET), (14, Standing.MET), (15, Standing.LATE), (27, Standing.LATE), (28, Standing.MISSED)],
)
def test_how_it_ended_by_the_day_on_which_it_was_done(after: int, stands: Standing) -> None:
    assert list(ended([MAY[0], MAY[after]], EVERY)) == [(MAY[14], stands, MAY[after])]


def test_the_last_one_can_still_be_done_unless_it_is_over() -> None:
    assert list(ended([MAY[0]], EVERY)) == []
    assert list(ended([], EVERY, MAY[3])) == []
    assert list(ended([MAY[0]], EVERY, MAY[14])) == [(MAY[14], Standing.VOID, None)]
    assert list(ended([MAY[0]], EVERY, MAY[15])) == [(MAY[14], Standing.MISSED, None)]


def test_twice_on_a_day_is_once() -> None:
    assert len(list(ended([MAY[4], MAY[0], MAY[4]], EVERY))) == 1
