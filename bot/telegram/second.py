"""The server's own second: how many calls it may have counted within it, as far as we can know."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

_FORGOTTEN: Final = 2.0
"""Seconds after which a call without an answer has arrived long ago, or never will."""
_LOOK_AGAIN: Final = 0.01
_LATELY: Final = 64


@dataclass(slots=True)
class Second:
    """The server counts a call when it arrives, which is somewhere between permit and answer. So here a call counts
    from its permit until a second after its answer: however unevenly calls arrive, no second of the server's holds too
    many. The quickest way there and back seen lately is no uncertainty, and is taken off, or else a bot far from the
    server could send less.

    `most` calls in `length` real seconds. Moments are seconds of one clock.
    """

    most: float
    length: float
    _under_way: dict[int, float] = field(default_factory=dict)
    _answered: deque[float] = field(default_factory=deque)
    _ways: deque[float] = field(default_factory=lambda: deque(maxlen=_LATELY))

    def enter(self, chat_id: int, now: float) -> None:
        """A call of this chat has its permit; the one before it is over."""
        self.leave(chat_id, now)
        self._under_way[chat_id] = now

    def leave(self, chat_id: int, now: float) -> None:
        """It was answered, or came to nothing."""
        begun = self._under_way.pop(chat_id, None)
        if begun is not None:
            self._ways.append(now - begun)
            self._answered.append(now)

    def full(self, now: float) -> float:
        """In how many seconds it should be asked again; 0 where one more may go."""
        quickest = min(self._ways, default=0.0)
        over = now - self.length + min(quickest, self.length)
        while self._answered and self._answered[0] <= over:
            self._answered.popleft()
        if len(self._answered) + len(self._under_way) >= self.most:
            self._under_way = {chat: begun for chat, begun in self._under_way.items() if begun > now - _FORGOTTEN}
        if len(self._answered) + len(self._under_way) < self.most:
            return 0.0
        soonest = self._answered[0] - over if self._answered else _LOOK_AGAIN
        return max(0.001, min(soonest, _LOOK_AGAIN))
