"""A clock that runs as the real one does, and can be turned."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset; `start` (aware) sets the offset at once."""

    def __init__(self, start: datetime | None = None) -> None:
        self._offset = timedelta()
        if start is not None:
            self.jump(start)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def forward(self, to: datetime) -> None:
        """Turn to a later moment; ValueError when it is not later."""
        if to < self.now():
            raise ValueError("the clock is only turned forward")
        self.jump(to)

    def jump(self, to: datetime) -> None:
        """Turn to any moment, back as well: what a broken clock does."""
        self._offset = to.astimezone(UTC) - datetime.now(UTC)
