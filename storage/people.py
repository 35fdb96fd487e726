"""The people, the roles they hold and the chats they write from."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, false, insert, literal, or_, select, union_all, update

from care.absence import Away
from care.access import Action, reach
from care.people import HOME_ROLES, Actor, Role
from storage import actors as _actors
from storage import outbox
from storage.actors import CLEARED, LIVING_ROLE, ROLES, guarded, paired
from storage.database import Tx
from storage.tables import HELD, conversations, guardianships, pairings, people, roles
from storage.tables import children as child_table
from storage.tables import homes as home_table
from storage.vault import Vault, new_id


@dataclass(frozen=True, slots=True)
class Person:
    """`role` is set where people were asked for by role. `reachable`: has a chat, and has not blocked us. `away`: in
    whose place they are asked, where it is not their own."""

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
    away: Away | None = None


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
    return await _actors.of_chats(tx, chat_ids, today) if chat_ids else {}


async def actor(tx: Tx, person_id: str, today: date) -> Actor | None:
    """The same for one person, who may have no chat (`chat_id` is 0 then)."""
    return await _actors.of_person(tx, person_id, today)


async def own(tx: Tx, person_id: str, today: date) -> Actor | None:
    """The same without what is lent to them while others are away."""
    return await _actors.of_person(tx, person_id, today, lent=False)


async def languages(tx: Tx, chat_ids: Collection[int]) -> dict[int, str]:
    """What the people behind these chats read; a stranger's chat is absent. Opens nothing that is sealed."""
    rows = await tx.rows(select(people.c.chat_id, people.c.language).where(people.c.chat_id.in_(chat_ids)))
    return {row.chat_id: row.language or "" for row in rows}


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
    """The id of the new person, who has neither role nor chat yet."""
    id = new_id()
    row = {
        "id": id,
        "code": code,
        "name": tx.vault.seal(name, f"people.name:{id}"),
        "phone": tx.vault.seal_text(phone, f"people.phone:{id}"),
        "phone_hash": phone_hash(tx.vault, phone) if phone else None,
        "vetted_on": vetted_on,
        "trained_on": trained_on,
        "conduct_on": conduct_on,
        "details": tx.vault.seal_json(details, f"people.details:{id}") if details else None,
        "created_at": now,
    }
    await tx.run(insert(people), row)
    return id


async def person(tx: Tx, person_id: str) -> Person | None:
    row = await tx.row(select(people).where(people.c.id == person_id))
    return read_person(tx, row) if row else None


async def by_ids(tx: Tx, person_ids: Collection[str]) -> dict[str, Person]:
    """Those of these people who are there, by id."""
    if not person_ids:
        return {}
    rows = await tx.rows(select(people).where(people.c.id.in_(person_ids)))
    return {row.id: read_person(tx, row) for row in rows}


async def find_by_phone(tx: Tx, phone: str) -> list[Person]:
    """Everybody with this number, however it is written."""
    same = select(people).where(people.c.phone_hash == phone_hash(tx.vault, phone)).order_by(people.c.id)
    return [read_person(tx, row) for row in await tx.rows(same)]


def phone_hash(vault: Vault, phone: str) -> bytes:
    """By which a number is found again: that of its international form, where China's own prefix may be left out."""
    plain = unicodedata.normalize("NFKC", phone).strip()
    digits = "".join(c for c in plain if c in "0123456789")
    abroad = plain.startswith(("+", "00")) or (digits.startswith("86") and len(digits) > 11)
    return vault.fingerprint(("+" if abroad else "+86") + digits.lstrip("0"))


async def link_chat(tx: Tx, person_id: str, chat_id: int, language: str, now: datetime) -> None:
    """The chat is this person's from now on and nobody else's; what was said or drafted there for another is dropped.

    A language that the person chose themselves stays.
    """
    await tx.run(update(people).where(people.c.chat_id == chat_id, people.c.id != person_id).values(chat_id=None))
    spoken = case((people.c.chosen_language, people.c.language), else_=language)
    linked = {"chat_id": chat_id, "unreachable_since": None, "language": spoken}
    await tx.run(update(people).where(people.c.id == person_id).values(linked))
    await outbox.cancel_others(tx, chat_id, person_id)
    others = (conversations.c.chat_id == chat_id, conversations.c.person_id != person_id, HELD)
    await tx.run(update(conversations).where(*others).values(state="cancelled", body=b""))


async def set_language(tx: Tx, person_id: str, language: str, chosen: bool = True) -> None:
    await tx.run(update(people).where(people.c.id == person_id).values(language=language, chosen_language=chosen))


async def unreachable(tx: Tx, chat_id: int, since: datetime | None) -> None:
    """They blocked us at that moment; None: they are back."""
    await tx.run(update(people).where(people.c.chat_id == chat_id).values(unreachable_since=since))


async def clear(
    tx: Tx,
    person_id: str,
    *,
    vetted_on: date | None = None,
    trained_on: date | None = None,
    conduct_on: date | None = None,
) -> None:
    """Sets the days without which a volunteer's role gives nothing; None leaves one as it is."""
    days = {"vetted_on": vetted_on, "trained_on": trained_on, "conduct_on": conduct_on}
    known = {name: day for name, day in days.items() if day is not None}
    if known:
        await tx.run(update(people).where(people.c.id == person_id).values(known))


async def grant_role(tx: Tx, person_id: str, role: Role, home_id: str | None, today: date) -> str:
    """The id of the role; of the living one when they hold it already."""
    living = (roles.c.person_id == person_id, roles.c.role == role.value, roles.c.ended_at.is_(None))
    at_home = roles.c.home_id == home_id if home_id else roles.c.home_id.is_(None)
    held = await tx.row(select(roles.c.id).where(*living, at_home))
    if held:
        return str(held.id)
    id = new_id()
    row = {"id": id, "person_id": person_id, "role": role.value, "home_id": home_id, "starts_on": today}
    await tx.run(insert(roles), row)
    return id


async def end_role(tx: Tx, role_id: str, by: str, now: datetime) -> bool:
    """Ends it, what hangs on it and what was still to be said; whether it was alive."""
    living = (roles.c.id == role_id, roles.c.ended_at.is_(None))
    held = await tx.row(select(roles.c.person_id, roles.c.role).where(*living))
    if held is None:
        return False
    await tx.run(update(roles).where(*living).values(ended_at=now, ended_by=by))
    await _end_bonds(tx, held.person_id, held.role, by, now)
    await outbox.cancel_person(tx, held.person_id)
    return True


async def holdings(tx: Tx, actor: Actor) -> list[Holding]:
    """Every living role, for who may see the people of the district; for others none."""
    if not reach(actor, Action.SEE_PEOPLE).district:
        return []
    codes = await _codes(tx)
    living = (
        select(roles, people.c.name, people.c.chat_id, people.c.unreachable_since, home_table.c.name.label("home_name"))
        .join(people, people.c.id == roles.c.person_id)
        .outerjoin(home_table, home_table.c.id == roles.c.home_id)
        .where(roles.c.ended_at.is_(None))
        .order_by(home_table.c.code, roles.c.role, roles.c.starts_on, roles.c.id)
    )
    return [
        Holding(
            row.id,
            row.person_id,
            tx.vault.open(row.name, f"people.name:{row.person_id}").decode(),
            ROLES[row.role],
            row.home_id,
            row.home_name or "",
            row.starts_on,
            row.chat_id is not None and row.unreachable_since is None,
            row.chat_id is not None,
            tuple(sorted(codes.get((row.role, row.person_id), ()))),
        )
        for row in await tx.rows(living)
    ]


async def keepers(
    tx: Tx, roles_: Collection[Role], today: date, *, children: Collection[str] = (), homes: Collection[str] = ()
) -> list[Person]:
    """Who holds one of the roles over these children or homes today, each person once, in the order of the roles."""
    over = or_(child_table.c.id.in_(children), child_table.c.home_id.in_(homes))
    holding = select(people, roles.c.role).join(roles, roles.c.person_id == people.c.id).where(LIVING_ROLE)
    wanted = or_(false(), *(_keeps(role, over, homes) for role in roles_))
    rank = {role: place for place, role in enumerate(roles_)}
    rows = await tx.rows(holding.where(wanted).order_by(people.c.code, people.c.id), {"today": today})
    found: dict[str, Person] = {}
    for row in sorted(rows, key=lambda row: rank[ROLES[row.role]]):
        found.setdefault(row.id, read_person(tx, row))
    return list(found.values())


def read_person(tx: Tx, row: Row[Any]) -> Person:
    """From a row of `people`, with or without a `role`."""
    role = getattr(row, "role", None)
    return Person(
        row.id,
        tx.vault.open(row.name, f"people.name:{row.id}").decode(),
        row.chat_id,
        row.language or "",
        ROLES[role] if role else None,
        row.chat_id is not None and row.unreachable_since is None,
        row.code or "",
        tx.vault.open_text(row.phone, f"people.phone:{row.id}") or "",
        row.vetted_on,
        row.trained_on,
        row.conduct_on,
        tx.vault.open_json(row.details, f"people.details:{row.id}") if row.details else None,
    )


def _keeps(role: Role, over: ColumnElement[bool], homes: Collection[str]) -> ColumnElement[bool]:
    """The condition on `people` joined with `roles` that they keep the children that `over` names in this role."""
    match role:
        case Role.COORDINATOR:
            within: ColumnElement[bool] = roles.c.id.is_not(None)
        case Role.VOLUNTEER:
            theirs = select(pairings.c.person_id).join(child_table, child_table.c.id == pairings.c.child_id)
            within = and_(CLEARED, people.c.id.in_(theirs.where(paired(), over)))
        case Role.GUARDIAN:
            wards = select(guardianships.c.person_id).join(child_table, child_table.c.id == guardianships.c.child_id)
            within = people.c.id.in_(wards.where(guarded(), over))
        case _:
            assert role in HOME_ROLES
            within = or_(roles.c.home_id.in_(homes), roles.c.home_id.in_(select(child_table.c.home_id).where(over)))
    return and_(roles.c.role == role.value, within)


async def _end_bonds(tx: Tx, person_id: str, role: str, by: str, now: datetime) -> None:
    if role == Role.VOLUNTEER:
        open_pairs = (pairings.c.person_id == person_id, pairings.c.ended_at.is_(None))
        await tx.run(update(pairings).where(*open_pairs).values(ended_at=now, ended_by=by))
    elif role == Role.GUARDIAN:
        living = (guardianships.c.person_id == person_id, guardianships.c.ended_at.is_(None))
        await tx.run(update(guardianships).where(*living).values(ended_at=now))


async def _codes(tx: Tx) -> Mapping[tuple[str, str], list[str]]:
    """The codes of the children whom each (role, person id) is bound to."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    bonds = ((Role.VOLUNTEER, pairings), (Role.GUARDIAN, guardianships))
    living = (
        select(literal(role.value).label("role"), bond.c.person_id, child_table.c.code)
        .join(child_table, child_table.c.id == bond.c.child_id)
        .where(bond.c.ended_at.is_(None))
        for role, bond in bonds
    )
    for row in await tx.rows(union_all(*living)):
        found[row.role, row.person_id].append(row.code)
    return found
