"""What an error of the Bot API means for the message that met it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.telegram.http import Unsent, told_to_wait

MOST_ATTEMPTS = 12
_LONGEST_WAIT = 300.0

_ALREADY_SO = (
    "message is not modified",
    "message to delete not found",
    "message can't be deleted",
    "query is too old",
)
_CARD_LOST = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no text in the message to edit",
)
_NOBODY_THERE = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated", "input_user_deactivated")


class Fate(Enum):
    DONE = "done"
    """It is already as it should be."""
    ANEW = "anew"
    """The card's message is gone: send it as a fresh one."""
    LATER = "later"
    """Put off, and with it what waits behind it in the chat."""
    UNREACHABLE = "unreachable"
    MOVED = "moved"
    """The group has another chat id now."""
    FAILED = "failed"
    """A dead letter."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`wait` in seconds. `reached`: the server was there; `certain`: we know what it did; `counted`: it was one of the
    attempts that a message has; the others are for no fault of its own, and have no end."""

    fate: Fate
    error: str
    wait: float = 0.0
    counted: bool = True
    certain: bool = True
    reached: bool = True


def judge(error: TelegramError, attempts: int) -> Verdict:
    """`attempts` made before this one."""
    match error:
        case RetryAfter():
            return Verdict(Fate.LATER, "429", told_to_wait(error), counted=False)
        case Forbidden():
            return Verdict(Fate.UNREACHABLE, describe(error))
        case ChatMigrated():
            return Verdict(Fate.MOVED, "the chat has moved twice")
        case BadRequest():
            return _refused(error)
        case InvalidToken() | Conflict():
            return Verdict(_later(attempts), type(error).__name__, patience(attempts))
        case Unsent():
            return Verdict(Fate.LATER, "no connection", patience(0), counted=False, reached=False)
        case _:
            return _unclear(error, attempts)


def _refused(error: BadRequest) -> Verdict:
    said = error.message.lower()
    if any(text in said for text in _ALREADY_SO):
        return Verdict(Fate.DONE, "")
    if any(text in said for text in _CARD_LOST):
        return Verdict(Fate.ANEW, "")
    return Verdict(Fate.UNREACHABLE if any(text in said for text in _NOBODY_THERE) else Fate.FAILED, describe(error))


def _unclear(error: TelegramError, attempts: int) -> Verdict:
    """A 5xx, a reset, an answer that never came: it may have been sent."""
    return Verdict(_later(attempts), describe(error), patience(attempts), certain=False)


def _later(attempts: int) -> Fate:
    return Fate.LATER if attempts + 1 < MOST_ATTEMPTS else Fate.FAILED


def patience(attempts: int) -> float:
    """Seconds to wait after so many failures."""
    return float(min(_LONGEST_WAIT, 2.0 ** min(attempts, 16)))


def describe(error: TelegramError) -> str:
    """The error's own words without what it quotes, which may be a person's."""
    return re.sub(r'"[^"]*"', '"…"', f"{type(error).__name__}: {error.message}")[:120]
