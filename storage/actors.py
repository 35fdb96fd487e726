"""Who is behind a chat, and how far each of their roles reaches today. Two statements for any number of chats; two
more where somebody stands in for others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, and_, bindparam, literal, select, union_all

from care.absence import LENT
from care.people import CHILD_ROLES, HOME_ROLES, Actor, Grant, Role
from storage.consents import consented
from storage.database import Tx
from storage.prepared import Question
from storage.tables import ACTIVE, absences, children, guardianships, pairings, people, roles

ROLES: Mapping[str, Role] = MappingProxyType({role.value: role for role in Role})
TODAY: ColumnElement[date] = bindparam("today", type_=roles.c.starts_on.type)
LIVING_ROLE = and_(roles.c.ended_at.is_(None), roles.c.starts_on <= TODAY)
CLEARED = and_(people.c.vetted_on <= TODAY, people.c.trained_on <= TODAY, people.c.conduct_on <= TODAY)
"""A volunteer's role gives nothing before vetting, training and the code of conduct are recorded."""

STANDING_IN = and_(absences.c.ended_at.is_(None), absences.c.last_on >= TODAY)
"""The condition on `absences` that it lasts: what the deputy may by it ends with its last day."""

_PERSON = select(
    people.c.id,
    people.c.chat_id,
    people.c.language,
    people.c.chosen_language,
    people.c.name,
    people.c.unreachable_since,
    CLEARED.label("cleared"),
    roles.c.role,
    roles.c.home_id,
    absences.c.person_id.label("stands_for"),
)
_PEOPLE = _PERSON.outerjoin(roles, and_(roles.c.person_id == people.c.id, LIVING_ROLE)).outerjoin(
    absences, and_(absences.c.deputy_id == people.c.id, STANDING_IN)
)
_AWAY = _PEOPLE.where(people.c.id.in_(bindparam("away", expanding=True)))
_OF_CHATS = Question(_PEOPLE.where(people.c.chat_id.in_(bindparam("chats", expanding=True))))
_OF_PERSON = _PEOPLE.where(people.c.id == bindparam("person"))


def paired() -> ColumnElement[bool]:
    """The condition on `pairings` joined with `children` that the volunteer reaches the child today."""
    return and_(pairings.c.ended_at.is_(None), pairings.c.starts_on <= TODAY, children.c.status == ACTIVE, consented())


def guarded() -> ColumnElement[bool]:
    """The condition on `guardianships` joined with `children` that the guardian reaches the child."""
    return and_(guardianships.c.ended_at.is_(None), children.c.status == ACTIVE)


_THEIRS: BindParameter[str] = bindparam("people", expanding=True)
_BOUND = Question(
    union_all(
        select(literal(Role.VOLUNTEER.value).label("role"), pairings.c.person_id, pairings.c.child_id)
        .join(children, children.c.id == pairings.c.child_id)
        .where(pairings.c.person_id.in_(_THEIRS), paired()),
        select(literal(Role.GUARDIAN.value), guardianships.c.person_id, guardianships.c.child_id)
        .join(children, children.c.id == guardianships.c.child_id)
        .where(guardianships.c.person_id.in_(_THEIRS), guarded()),
    )
)

Bound = Mapping[tuple[str, str], set[str]]


async def of_chats(tx: Tx, chat_ids: Iterable[int], today: date) -> dict[int, Actor]:
    rows = await _OF_CHATS.rows(tx, {"chats": list(chat_ids), "today": today})
    return {actor.chat_id: actor for actor in await _read(tx, rows, today)}


async def of_person(tx: Tx, person_id: str, today: date, *, lent: bool = True) -> Actor | None:
    rows = await tx.rows(_OF_PERSON, {"person": person_id, "today": today})
    return next(iter(await _read(tx, rows, today, lent)), None)


async def _read(tx: Tx, rows: Sequence[Row[Any]], today: date, lending: bool = True) -> list[Actor]:
    held: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        held[row.id].append(row)
    away = {row.stands_for for row in rows if lending} - {None}
    lent: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    if away:
        for row in await tx.rows(_AWAY, {"away": list(away), "today": today}):
            lent[row.id].append(row)
    everybody = [*rows, *(row for theirs in lent.values() for row in theirs)]
    bound = await _bound(tx, {row.id for row in everybody if row.role in CHILD_ROLES}, today)
    return [_actor(tx, theirs, lent, bound) for theirs in held.values()]


async def _bound(tx: Tx, person_ids: set[str], today: date) -> Bound:
    """The children by (role, person id)."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    if person_ids:
        for row in await _BOUND.rows(tx, {"people": list(person_ids), "today": today}):
            found[row.role, row.person_id].add(row.child_id)
    return found


def _actor(tx: Tx, rows: Sequence[Row[Any]], lent: Mapping[str, Sequence[Row[Any]]], bound: Bound) -> Actor:
    first = rows[0]
    away = frozenset(row.stands_for for row in rows) & lent.keys()
    grants = tuple(_grants(rows, bound))
    if away:
        grants = _joined(
            [*grants, *(one for id in sorted(away) for one in _grants(lent[id], bound) if one.role in LENT)]
        )
    return Actor(
        first.id,
        first.chat_id or 0,
        first.language or "",
        grants,
        tx.vault.open(first.name, f"people.name:{first.id}").decode(),
        first.chosen_language,
        first.unreachable_since is not None,
        away,
    )


def _joined(grants: Sequence[Grant]) -> tuple[Grant, ...]:
    """One for each role, with all that any of them reaches."""
    joined: dict[Role, Grant] = {}
    for one in grants:
        known = joined.get(one.role, one)
        joined[one.role] = Grant(one.role, known.homes | one.homes, known.children | one.children)
    return tuple(joined.values())


def _grants(rows: Sequence[Row[Any]], bound: Bound) -> Iterable[Grant]:
    homes: defaultdict[Role, set[str]] = defaultdict(set)
    for row in rows:
        if row.role is not None and (row.role != Role.VOLUNTEER or row.cleared):
            homes[ROLES[row.role]] |= {row.home_id} - {None}
    for role, theirs in homes.items():
        yield Grant(
            role,
            frozenset(theirs) if role in HOME_ROLES else frozenset(),
            frozenset(bound.get((role.value, rows[0].id), ())) if role in CHILD_ROLES else frozenset(),
        )
