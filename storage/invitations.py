"""Invitations: a secret link that is used once and then confirmed by a coordinator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, insert, select, update

from care.people import HOME_ROLES, Role
from care.refusal import Refusal
from storage import pairings, people
from storage.actors import ROLES
from storage.database import Tx
from storage.tables import OPEN_INVITATION, children, guardianships, homes, invitations
from storage.tables import people as people_table
from storage.vault import new_id


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
    """The id of the new invitation. `home_id` goes with the roles of a home, `child_id` with those of a child."""
    id = new_id()
    row = {
        "id": id,
        "token_hash": token_hash,
        "role": role.value,
        "home_id": home_id,
        "child_id": child_id,
        "person_id": person_id,
        "expected_name": tx.vault.seal(expected_name, f"invitations.expected_name:{id}"),
        "needs_confirmation": needs_confirmation,
        "invited_by": invited_by,
        "created_at": now,
        "expires_at": expires_at,
    }
    await tx.run(insert(invitations), row)
    return id


async def open_invitation(tx: Tx, token_hash: bytes, now: datetime) -> Invitation | None:
    """The open, unexpired one behind the secret; used, expired and unknown are all None."""
    here = (invitations.c.token_hash == token_hash, invitations.c.state == "open", invitations.c.expires_at > now)
    return await _first(tx, and_(*here))


async def use(tx: Tx, id: str, chat_id: int, name: str, language: str, now: datetime) -> bool:
    """Takes it for this chat; False when somebody was first or its time is over."""
    free = (invitations.c.id == id, invitations.c.state == "open", invitations.c.expires_at > now)
    taken = {
        "state": "used",
        "used_at": now,
        "used_by_chat": chat_id,
        "used_by_name": tx.vault.seal(name, f"invitations.used_by_name:{id}"),
        "used_by_language": language[:16],
    }
    return await tx.run(update(invitations).where(*free).values(taken)) == 1


async def confirm(tx: Tx, id: str, by: str, now: datetime, today: date) -> str:
    """Makes (or finds) the person, links the chat, grants the role. The person's id; Refusal when nothing awaits it."""
    invitation = await one(tx, id)
    if invitation is None or not await _decide(tx, id, "confirmed", by, now):
        raise Refusal(reason="no invitation awaits a decision")
    assert invitation.used_by_chat is not None
    person_id = await _person(tx, invitation, now)
    await people.link_chat(tx, person_id, invitation.used_by_chat, invitation.used_by_language, now)
    await people.grant_role(tx, person_id, invitation.role, _home(invitation), today)
    await _bind(tx, invitation, person_id, today)
    return person_id


async def refuse(tx: Tx, id: str, by: str, now: datetime) -> bool:
    """Whether there was something to refuse."""
    return await _decide(tx, id, "refused", by, now)


async def waiting(tx: Tx) -> list[Invitation]:
    """Those used and not yet decided, oldest first."""
    rows = await tx.rows(_ROWS.where(invitations.c.state == "used").order_by(invitations.c.used_at, invitations.c.id))
    return [_read(tx, row) for row in rows]


async def one(tx: Tx, id: str) -> Invitation | None:
    return await _first(tx, invitations.c.id == id)


async def expire(tx: Tx, now: datetime) -> int:
    """Closes the open ones whose time is over; how many."""
    past = (OPEN_INVITATION, invitations.c.expires_at <= now)
    return await tx.run(update(invitations).where(*past).values(state="expired"))


_ROWS = (
    select(invitations, homes.c.name.label("home_name"), children.c.code.label("child_code"))
    .outerjoin(homes, homes.c.id == invitations.c.home_id)
    .outerjoin(children, children.c.id == invitations.c.child_id)
)


async def _first(tx: Tx, which: ColumnElement[bool]) -> Invitation | None:
    row = await tx.row(_ROWS.where(which))
    return _read(tx, row) if row else None


async def _decide(tx: Tx, id: str, state: str, by: str, now: datetime) -> bool:
    used = (invitations.c.id == id, invitations.c.state == "used")
    decided = {"state": state, "decided_by": by, "decided_at": now}
    return await tx.run(update(invitations).where(*used).values(decided)) == 1


async def _person(tx: Tx, invitation: Invitation, now: datetime) -> str:
    """Whom the invitation names, else who writes from the chat already, else somebody new."""
    if invitation.person_id:
        return invitation.person_id
    row = await tx.row(select(people_table.c.id).where(people_table.c.chat_id == invitation.used_by_chat))
    return str(row.id) if row else await people.add_person(tx, name=invitation.expected_name, now=now)


def _home(invitation: Invitation) -> str | None:
    return invitation.home_id if invitation.role in HOME_ROLES else None


async def _bind(tx: Tx, invitation: Invitation, person_id: str, today: date) -> None:
    if invitation.child_id is None:
        return
    if invitation.role is Role.VOLUNTEER:
        await pairings.pair(tx, person_id, invitation.child_id, today=today)
    elif invitation.role is Role.GUARDIAN:
        await _guard(tx, person_id, invitation.child_id)


async def _guard(tx: Tx, person_id: str, child_id: str) -> None:
    living = (
        guardianships.c.person_id == person_id,
        guardianships.c.child_id == child_id,
        guardianships.c.ended_at.is_(None),
    )
    if await tx.row(select(guardianships.c.id).where(*living)) is None:
        row = {"id": new_id(), "person_id": person_id, "child_id": child_id, "relation": ""}
        await tx.run(insert(guardianships), row)


def _read(tx: Tx, row: Row[Any]) -> Invitation:
    return Invitation(
        row.id,
        ROLES[row.role],
        row.home_id,
        row.child_id,
        row.person_id,
        tx.vault.open(row.expected_name, f"invitations.expected_name:{row.id}").decode(errors="surrogatepass"),
        row.needs_confirmation,
        row.invited_by,
        row.created_at,
        row.expires_at,
        row.state,
        row.used_at,
        row.used_by_chat,
        tx.vault.open_text(row.used_by_name, f"invitations.used_by_name:{row.id}") or "",
        row.used_by_language or "",
        row.home_name or "",
        row.child_code or "",
    )
