"""Whom a notice is for: as one SELECT, each person once, with the home by which they are meant."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    func,
    null,
    select,
    true,
    union_all,
)

from care.notice import Audience
from care.people import HOME_ROLES, Role
from storage.actors import CLEARED, LIVING_ROLE, guarded, paired
from storage.consents import withdrawn
from storage.database import Tx
from storage.tables import children, guardianships, pairings, people, roles


@dataclass(frozen=True, slots=True)
class Headcount:
    """`readers`: how many can be reached, by the language they read ('' where nobody knows yet)."""

    total: int
    no_chat: int
    unreachable: int
    readers: Mapping[str, int]


def select_audience(
    audience: Audience, among: BindParameter[str] | None = None, *, emergency: bool = False
) -> Subquery:
    """(person_id, home_id), only of the people `among` whom to look; home_id is NULL for who belongs to none. A family
    that has taken its consent back hears of emergencies alone. Needs the parameter `today`."""
    parts = [part for role in audience.roles for part in _holders(role, audience.homes, emergency)]
    if among is not None:
        parts = [part.where(roles.c.person_id.in_(among)) for part in parts]
    every = union_all(*parts).subquery()
    once = select(every.c.person_id, func.min(every.c.home_id).label("home_id")).group_by(every.c.person_id)
    return once.subquery("audience")


def _holders(role: Role, homes: Collection[str], emergency: bool) -> list[Select[Any]]:
    holding = select(roles.c.person_id).where(roles.c.role == role.value, LIVING_ROLE)
    match role:
        case Role.GUARDIAN:
            wards = holding.join(guardianships, guardianships.c.person_id == roles.c.person_id)
            wards = wards.join(children, children.c.id == guardianships.c.child_id).where(guarded())
            wards = wards if emergency else wards.where(~withdrawn())
            return [wards.add_columns(children.c.home_id).where(_within(children.c.home_id, homes))]
        case Role.VOLUNTEER:
            cleared = holding.join(people, people.c.id == roles.c.person_id).where(CLEARED)
            paired_with = cleared.join(pairings, pairings.c.person_id == roles.c.person_id)
            paired_with = paired_with.join(children, children.c.id == pairings.c.child_id).where(paired())
            theirs = paired_with.add_columns(children.c.home_id).where(_within(children.c.home_id, homes))
            return [theirs] if homes else [theirs, cleared.add_columns(null().label("home_id"))]
        case _ if role in HOME_ROLES:
            return [holding.add_columns(roles.c.home_id).where(_within(roles.c.home_id, homes))]
    return [holding.add_columns(null().label("home_id"))]


def _within(home: ColumnElement[str], homes: Collection[str]) -> ColumnElement[bool]:
    return home.in_(list(homes)) if homes else true()


async def headcount(tx: Tx, audience: Audience, today: date) -> Headcount:
    meant = select_audience(audience)
    gone = and_(people.c.chat_id.is_not(None), people.c.unreachable_since.is_not(None))
    kinds = (people.c.language, people.c.chat_id.is_(None).label("no_chat"), gone.label("gone"))
    counted = select(*kinds, func.count().label("number")).join(meant, meant.c.person_id == people.c.id)
    rows = await tx.rows(counted.group_by(*kinds), {"today": today})
    readers: dict[str, int] = {}
    for row in rows:
        if not row.no_chat and not row.gone:
            readers[row.language or ""] = readers.get(row.language or "", 0) + row.number
    return Headcount(
        sum(row.number for row in rows),
        sum(row.number for row in rows if row.no_chat),
        sum(row.number for row in rows if row.gone),
        readers,
    )


async def among(
    tx: Tx, audience: Audience, person_ids: Collection[str], today: date, *, emergency: bool = False
) -> set[str]:
    """Those of the people who belong to the audience today."""
    rows = await tx.rows(_among(audience, emergency), {"today": today, "people": list(person_ids)})
    return {row.person_id for row in rows}


@lru_cache(64)
def _among(audience: Audience, emergency: bool) -> Select[Any]:
    """Made once for a notice: it is asked for whenever some of it goes out, and making it costs more than asking."""
    meant = select_audience(audience, bindparam("people", expanding=True), emergency=emergency)
    return select(meant.c.person_id)
