"""The server's own second: how many calls it may have counted within it, as far as we can know."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import inf
from typing import Final

_FORGOTTEN: Final = 2.0
"""Seconds after which a call without an answer has arrived long ago, or never will."""
_LOOK_AGAIN: Final = 0.01
_LATELY: Final = 60.0


@dataclass(slots=True)
class Second:
    """The server counts a call when it arrives, which is somewhere between permit and answer. So here a call counts
    from its permit until a second after its answer: however unevenly calls arrive, no second of the server's holds too
    many. The quickest way there and back, of the last minute or two, is hardly uncertain, and is taken off, or else a
    bot far from the server could send less; where the way becomes shorter all at once, one or two may be too many.

    `most` calls in `length` real seconds. Moments are seconds of one clock.
    """

    most: float
    length: float
    _under_way: dict[int, float] = field(default_factory=dict)
    _answered: deque[float] = field(default_factory=deque)
    _quickest: tuple[float, float] = (inf, inf)
    """Of this minute, and of the one before."""
    _since: float = 0.0

    def enter(self, chat_id: int, now: float) -> None:
        """A call of this chat has its permit; the one before it is over."""
        self.leave(chat_id, now)
        self._under_way[chat_id] = now

    def leave(self, chat_id: int, now: float) -> None:
        """It was answered, or came to nothing."""
        begun = self._under_way.pop(chat_id, None)
        if begun is not None:
            this, before = self._quickest
            if now - self._since > _LATELY:
                this, before, self._since = inf, this, now
            self._quickest = min(this, now - begun), before
            self._answered.append(now)

    def full(self, now: float) -> float:
        """In how many seconds it should be asked again; 0 where one more may go."""
        quickest = min(self._quickest)
        over = now - self.length + (min(quickest, self.length) if quickest < inf else 0.0)
        while self._answered and self._answered[0] <= over:
            self._answered.popleft()
        if len(self._answered) + len(self._under_way) >= self.most:
            self._under_way = {chat: begun for chat, begun in self._under_way.items() if begun > now - _FORGOTTEN}
        if len(self._answered) + len(self._under_way) < self.most:
            return 0.0
        soonest = self._answered[0] - over if self._answered else _LOOK_AGAIN
        return max(0.001, min(soonest, _LOOK_AGAIN))
