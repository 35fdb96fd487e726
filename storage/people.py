"""The people, the roles they hold and the chats they write from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from care.people import Actor, Role
from storage.database import Tx


@dataclass(frozen=True, slots=True)
class Person:
    """`role` is set where people were asked for by role. `reachable`: has a chat, and has not blocked us."""

    id: str
    name: str
    chat_id: int | None = None
    language: str = ""
    role: Role | None = None
    reachable: bool = False
    code: str = ""
    phone: str = ""
    vetted_on: date | None = None
    trained_on: date | None = None
    conduct_on: date | None = None
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """One living role of one person; `children` are the codes of those whom it is bound to."""

    role_id: str
    person_id: str
    name: str
    role: Role
    home_id: str | None
    home_name: str
    since: date
    reachable: bool
    has_chat: bool
    children: tuple[str, ...] = ()


async def actors(tx: Tx, chat_ids: Collection[int], today: date) -> dict[int, Actor]:
    """Who is behind these chats, with what they may reach today. A stranger's chat is absent."""
    raise NotImplementedError


async def actor(tx: Tx, person_id: str, today: date) -> Actor | None:
    """The same for one person, who may have no chat (`chat_id` is 0 then)."""
    raise NotImplementedError


async def add_person(
    tx: Tx,
    *,
    name: str,
    now: datetime,
    phone: str | None = None,
    code: str | None = None,
    details: Mapping[str, Any] | None = None,
    vetted_on: date | None = None,
    trained_on: date | None = None,
    conduct_on: date | None = None,
) -> str:
    raise NotImplementedError


async def person(tx: Tx, person_id: str) -> Person | None:
    raise NotImplementedError


async def find_by_phone(tx: Tx, phone: str) -> list[Person]:
    """Everybody with this number, however it is written."""
    raise NotImplementedError


async def link_chat(tx: Tx, person_id: str, chat_id: int, language: str, now: datetime) -> None:
    """The chat is this person's from now on, and nobody else's."""
    raise NotImplementedError


async def set_language(tx: Tx, person_id: str, language: str, chosen: bool = True) -> None:
    raise NotImplementedError


async def unreachable(tx: Tx, chat_id: int, since: datetime | None) -> None:
    """They blocked us at that moment; None: they are back."""
    raise NotImplementedError


async def clear(
    tx: Tx, person_id: str, *, vetted_on: date | None, trained_on: date | None, conduct_on: date | None
) -> None:
    """Sets the three days without which a volunteer's role gives nothing; None leaves one as it is."""
    raise NotImplementedError


async def grant_role(tx: Tx, person_id: str, role: Role, home_id: str | None, today: date) -> str:
    """The id of the role; of the living one when they hold it already."""
    raise NotImplementedError


async def end_role(tx: Tx, role_id: str, by: str, now: datetime) -> bool:
    """Ends it, what hangs on it and what was still to be said; whether it was alive."""
    raise NotImplementedError


async def holdings(tx: Tx, actor: Actor) -> list[Holding]:
    """Every living role, for who may see the people of the district; for others none."""
    raise NotImplementedError


async def keepers(
    tx: Tx, roles: Collection[Role], today: date, *, children: Collection[str] = (), homes: Collection[str] = ()
) -> list[Person]:
    """Who holds one of the roles over these children or homes today, each person once, in the order of `roles`."""
    raise NotImplementedError
