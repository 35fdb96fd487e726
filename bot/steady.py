"""The machine's clock, watched by the one that nobody can set. A clock that moves by itself (a battery, a wrong time
server, a machine that slept) is followed, and told of; one that is back before this program was written is not
believed: time goes on from the last moment that was."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

FLOOR = datetime(2026, 1, 1, tzinfo=UTC)
MOVED = timedelta(minutes=5)
"""Less than that is a time server at work."""
_MOVED_SECONDS = MOVED.total_seconds()


@dataclass(frozen=True, slots=True)
class Move:
    """The clock read `to` where `at` was expected. `believed`: that is the time now."""

    at: datetime
    to: datetime
    believed: bool = True

    @property
    def minutes(self) -> int:
        """Forward, or, less than zero, back."""
        return round((self.to - self.at).total_seconds() / 60)


class SteadyClock:
    """`wall`: aware UTC; `steady`: seconds that only ever pass."""

    def __init__(self, wall: Callable[[], datetime], steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._was = wall(), steady()
        self._doubted = False
        self._untold: list[Move] = []

    def now(self) -> datetime:
        to, seconds = self._wall(), self._steady()
        was, then = self._was
        if to < FLOOR or abs((to - was).total_seconds() - (seconds - then)) > _MOVED_SECONDS:
            at = was + timedelta(seconds=seconds - then)
            if to < FLOOR:
                return self._doubt(at, to)
            self._untold.append(Move(at, to))
        self._doubted, self._was = False, (to, seconds)
        return to

    def _doubt(self, at: datetime, to: datetime) -> datetime:
        if not self._doubted:
            self._untold.append(Move(at, to, believed=False))
        self._doubted = True
        return at

    def moves(self) -> list[Move]:
        """Those since the last call."""
        self.now()
        told, self._untold = self._untold, []
        return told
