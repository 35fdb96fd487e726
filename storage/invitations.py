"""Invitations: a secret link that is used once and then confirmed by a coordinator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from care.people import Role
from storage.database import Tx


@dataclass(frozen=True, slots=True)
class Invitation:
    """`state`: open, used (awaits confirmation), confirmed, refused or expired."""

    id: str
    role: Role
    home_id: str | None
    child_id: str | None
    person_id: str | None
    expected_name: str
    needs_confirmation: bool
    invited_by: str | None
    created_at: datetime
    expires_at: datetime
    state: str
    used_at: datetime | None = None
    used_by_chat: int | None = None
    used_by_name: str = ""
    used_by_language: str = ""
    home_name: str = ""
    child_code: str = ""


async def invite(
    tx: Tx,
    *,
    token_hash: bytes,
    role: Role,
    expected_name: str,
    now: datetime,
    expires_at: datetime,
    home_id: str | None = None,
    child_id: str | None = None,
    person_id: str | None = None,
    needs_confirmation: bool = True,
    invited_by: str | None = None,
) -> str:
    raise NotImplementedError


async def open_invitation(tx: Tx, token_hash: bytes, now: datetime) -> Invitation | None:
    """The open, unexpired one behind the secret; used, expired and unknown are all None."""
    raise NotImplementedError


async def use(tx: Tx, id: str, chat_id: int, name: str, language: str, now: datetime) -> bool:
    """Takes it for this chat; False when somebody was first or its time is over."""
    raise NotImplementedError


async def confirm(tx: Tx, id: str, by: str, now: datetime, today: date) -> str:
    """Makes (or finds) the person, links the chat, grants the role. The person's id; Refusal when nothing awaits it."""
    raise NotImplementedError


async def refuse(tx: Tx, id: str, by: str, now: datetime) -> bool:
    """Whether there was something to refuse."""
    raise NotImplementedError


async def waiting(tx: Tx) -> list[Invitation]:
    """Those used and not yet decided, oldest first."""
    raise NotImplementedError


async def one(tx: Tx, id: str) -> Invitation | None:
    raise NotImplementedError


async def expire(tx: Tx, now: datetime) -> int:
    """Closes the open ones whose time is over."""
    raise NotImplementedError
