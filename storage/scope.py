"""What an actor may reach, as conditions on rows. Whoever selects children or records puts one of these in."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import ColumnElement, and_, exists, false, or_, true

from care.access import Action, reach
from care.people import Actor, Role
from storage.consents import consented
from storage.tables import children, record_children, records


def in_reach(actor: Actor, action: Action) -> ColumnElement[bool]:
    """The condition on `children` that the actor reaches them for this action; as a volunteer only with a consent."""
    whole = reach(actor, action)
    if whole.district:
        return true()
    paired = reach(_as_volunteer(actor, True), action).children
    others = reach(_as_volunteer(actor, False), action).children
    ways: list[ColumnElement[bool]] = []
    if whole.homes:
        ways.append(children.c.home_id.in_(whole.homes))
    if others:
        ways.append(children.c.id.in_(others))
    if paired:
        ways.append(and_(children.c.id.in_(paired), consented()))
    return or_(false(), *ways)


def active_in_reach(actor: Actor, action: Action) -> ColumnElement[bool]:
    return and_(children.c.status == "active", in_reach(actor, action))


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
