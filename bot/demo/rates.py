"""Telegram's limits on what a bot sends, in real seconds; the clock of the demo is not asked."""

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable

from bot.demo import limits


class Throttle:
    """Counts the messages that were let through. `scale` makes each second of Telegram's so much shorter; what it says
    stays in whole seconds."""

    def __init__(self, scale: float = 1.0, moment: Callable[[], float] = time.monotonic) -> None:
        self.scale = scale
        self._moment = moment
        self._all: deque[float] = deque()
        self._groups: defaultdict[int, deque[float]] = defaultdict(deque)
        self._chats: dict[int, float] = {}
        self.refused = 0

    def admit(self, method: str, chat_id: int, messages: int = 1) -> int:
        """0 where the call may pass, else the seconds that its 429 says."""
        if not _counts(method):
            return 0
        now = self._moment()
        second, minute = 1 / self.scale, 60 / self.scale
        wait = max(
            _full(self._all, now, second, limits.MESSAGES_A_SECOND, messages),
            self._burst_over(chat_id, now, messages),
            _full(self._groups[chat_id], now, minute, limits.MESSAGES_A_MINUTE_IN_A_GROUP, messages)
            if chat_id < 0 else 0.0,
        )
        if wait > 0:
            self.refused += 1
            return max(1, math.ceil(wait))
        self._note(chat_id, now, messages)
        return 0

    def _burst_over(self, chat_id: int, now: float, messages: int) -> float:
        tolerated = (limits.BURST_IN_A_CHAT - messages) / self.scale + limits.JITTER
        return self._chats.get(chat_id, 0.0) - max(0.0, tolerated) - now

    def _note(self, chat_id: int, now: float, messages: int) -> None:
        self._all.extend([now] * messages)
        if chat_id < 0:
            self._groups[chat_id].extend([now] * messages)
        self._chats[chat_id] = max(self._chats.get(chat_id, 0.0), now) + messages / self.scale
        if len(self._chats) > 10_000:
            self._chats = {chat: until for chat, until in self._chats.items() if until > now}


def _counts(method: str) -> bool:
    name = method.lower()
    return name.startswith(("send", "edit", "copy", "forward")) and name != "sendchataction"


def _full(passed: deque[float], now: float, span: float, most: int, messages: int) -> float:
    """Seconds until so many more fit into the span."""
    span -= limits.JITTER
    while passed and passed[0] <= now - span:
        passed.popleft()
    over = len(passed) + messages - most
    return passed[over - 1] + span - now if over > 0 else 0.0
