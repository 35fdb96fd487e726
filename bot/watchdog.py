"""The watchdog: ends a process whose polling has stalled, so that its supervisor starts a fresh one.

A network that is away is no stall: each failed try is a sign of life, and so is a wait that the server asked for. It is
one where nothing ends any more, neither a poll nor a commit, nor a try at either. It watches from a thread of its own,
so it sees an event loop that stands still, too.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

_LOG = logging.getLogger(__name__)
GRACE = 12.0
"""Seconds for what is in hand (ten) and the way out."""


class Polling(Protocol):
    """What shows that there is life in it; moments of time.monotonic."""

    last_poll: float
    next_try: float
    failures: int
    taken: int


@contextmanager
def watching(polling: Polling, limit: float, stop: Callable[[], object]) -> Iterator[threading.Event]:
    """Calls `stop`, from a thread of its own, after `limit` seconds without a sign of life; the event tells of it.

    A poll may take 60 seconds in which nothing is heard, so a limit is to be above that. A limit of 0: never.
    """
    over, stalled = threading.Event(), threading.Event()

    def watch() -> None:
        if _stalls(polling, limit, over):
            _LOG.critical("polling has stalled for %.0f s: the process ends", limit)
            stalled.set()
            stop()

    if limit:
        threading.Thread(target=watch, name="watchdog", daemon=True).start()
    try:
        yield stalled
    finally:
        over.set()


def _stalls(polling: Polling, limit: float, over: threading.Event) -> bool:
    """Waits for either: True for a stall, False for the end of the watch."""
    signs, since = _signs(polling), time.monotonic()
    while not over.wait(limit / 10):
        moment = time.monotonic()
        if _signs(polling) != signs or polling.next_try > moment:
            signs, since = _signs(polling), moment
        elif moment - since > limit:
            return True
    return False


def _signs(polling: Polling) -> tuple[float, float, int, int]:
    return polling.last_poll, polling.next_try, polling.failures, polling.taken


def end_within(seconds: float) -> None:
    """Whatever hangs: the process is gone after so many seconds. What was not committed comes again at the next
    start."""

    def end() -> None:
        _LOG.critical("what was in hand did not end within %.0f s: the process is cut off", seconds)
        logging.shutdown()
        os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
