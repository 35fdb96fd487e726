"""What a term leaves behind: the demo server's ledger, what people did, when the bot was away; and the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A message or edit that the demo's server accepted from the bot. `at` is aware UTC of the turned clock; `text` as
    it was sent (HTML); `buttons`: label and callback data, row after row."""

    at: datetime
    chat_id: int
    method: str
    text: str
    buttons: tuple[tuple[str, str], ...]
    message_id: int


@dataclass(frozen=True, slots=True)
class Done:
    """What a person did on the phone: `kind` is words, tap, photo, voice, sticker, blocked or back; `content` what was
    typed, or the callback data that was tapped."""

    at: datetime
    chat_id: int
    kind: str
    content: str


@dataclass(frozen=True, slots=True)
class Away:
    """A span in which the bot could say nothing: it was down (`killed`, `stopped`) or Telegram was out of reach
    (`cut`)."""

    since: datetime
    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Books:
    """Everything the checker may look at. `database` is the URL of the district as it was left at `until`; `seal_key`
    opens it. `looked`: the moments at which the bot's clockwork looked, for the clock moves in steps."""

    seed: int
    since: datetime
    until: datetime
    database: str
    seal_key: str
    said: tuple[Said, ...]
    done: tuple[Done, ...]
    away: tuple[Away, ...]
    looked: tuple[datetime, ...] = ()
