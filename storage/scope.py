"""What an actor may reach, as conditions on rows. Whoever selects children or records puts one of these in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import BindParameter, Column, ColumnElement, and_, exists, false, or_, true

from care.access import Action, reach
from care.people import Actor, Role
from storage.consents import consented
from storage.tables import ACTIVE, children, record_children, records

Ids = Collection[str] | BindParameter[str] | None


class Ways(NamedTuple):
    """How an actor reaches children: all of the district, by home, one by one, or as a volunteer, with a consent."""

    district: bool
    homes: Collection[str]
    others: Collection[str]
    paired: Collection[str]


def ways(actor: Actor, action: Action) -> Ways:
    whole = reach(actor, action)
    paired = reach(_as_volunteer(actor, True), action).children
    others = reach(_as_volunteer(actor, False), action).children if len(actor.grants) > 1 or not paired else ()
    return Ways(whole.district, whole.homes, others, paired)


def by_ways(district: bool, homes: Ids, others: Ids, paired: Ids) -> ColumnElement[bool]:
    """The condition on `children`; a bound parameter may stand for the ids, None for none."""
    if district:
        return true()
    conditions: list[ColumnElement[bool]] = []
    if homes is not None:
        conditions.append(_among(children.c.home_id, homes))
    if others is not None:
        conditions.append(_among(children.c.id, others))
    if paired is not None:
        conditions.append(and_(_among(children.c.id, paired), consented()))
    return or_(false(), *conditions)


def _among(column: Column[str], ids: Collection[str] | BindParameter[str]) -> ColumnElement[bool]:
    """A list is spelt out anew each time, which costs more than the search; one value is not."""
    alone = isinstance(ids, BindParameter) and not ids.expanding
    return column == ids if alone else column.in_(ids)


def in_reach(actor: Actor, action: Action) -> ColumnElement[bool]:
    """The condition on `children` that the actor reaches them for this action; as a volunteer only with a consent."""
    found = ways(actor, action)
    return by_ways(found.district, found.homes or None, found.others or None, found.paired or None)


def active_in_reach(actor: Actor, action: Action) -> ColumnElement[bool]:
    return and_(children.c.status == ACTIVE, in_reach(actor, action))


def records_in_reach(actor: Actor, action: Action) -> ColumnElement[bool]:
    """The condition on `records`: a child it is about is in reach now, or, where it is about none, its home is."""
    whole = reach(actor, action)
    if whole.district:
        return true()
    about = exists().where(record_children.c.record_id == records.c.id)
    reached = about.where(children.c.id == record_children.c.child_id, in_reach(actor, action))
    return or_(reached, and_(~about, records.c.home_id.in_(whole.homes)))


def records_wholly_in_reach(actor: Actor, action: Action) -> ColumnElement[bool]:
    """The condition on `records` that not one child it is about is out of reach."""
    if reach(actor, action).nothing:
        return false()
    about = exists().where(record_children.c.record_id == records.c.id, children.c.id == record_children.c.child_id)
    return and_(records_in_reach(actor, action), ~about.where(~in_reach(actor, action)))


def _as_volunteer(actor: Actor, wanted: bool) -> Actor:
    """The actor with the volunteer's grant alone, or with all but that."""
    return replace(actor, grants=tuple(g for g in actor.grants if (g.role is Role.VOLUNTEER) is wanted))
