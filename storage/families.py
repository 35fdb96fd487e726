"""The families as a check-in needs them: who is asked about whom, whose number it is, who else is there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, select

from storage.actors import CLEARED, LIVING_ROLE, paired
from storage.consents import withdrawn
from storage.database import Tx
from storage.people import Person, read_person
from storage.tables import check_ins, children, guardianships, pairings, people, roles


@dataclass(frozen=True, slots=True)
class Relative:
    """A guardian of a child. `chat_id` is None where they cannot be reached here."""

    person_id: str
    chat_id: int | None
    caregiver: bool
    name: str = ""
    relation: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    child_id: str
    code: str
    short_name: str
    home_id: str
    relatives: tuple[Relative, ...] = ()

    @property
    def first_asked(self) -> tuple[Relative, ...]:
        """Who can be asked here: the caregivers, or, where none of them can, the others."""
        reached = [one for one in self.relatives if one.chat_id]
        return tuple([one for one in reached if one.caregiver] or reached)

    @property
    def out_of_reach(self) -> bool:
        """Whether nobody who is with the child can be asked here."""
        return not any(one.chat_id and one.caregiver for one in self.relatives)


async def unasked(tx: Tx, day: date, known_by: datetime) -> list[Family]:
    """The active children, known by then, who have no check-in on that day yet; with those who can be asked. Families
    that took their consent back are not asked."""
    there = select(check_ins.c.id).where(check_ins.c.child_id == children.c.id, check_ins.c.day == day).exists()
    rows = await tx.rows(
        select(
            children.c.id,
            children.c.code,
            children.c.short_name,
            children.c.home_id,
            guardianships.c.person_id,
            guardianships.c.caregiver,
            people.c.chat_id,
            people.c.unreachable_since,
        )
        .outerjoin(guardianships, and_(guardianships.c.child_id == children.c.id, guardianships.c.ended_at.is_(None)))
        .outerjoin(people, people.c.id == guardianships.c.person_id)
        .where(children.c.status == "active", children.c.created_at <= known_by, ~there, ~withdrawn())
        .order_by(children.c.code, people.c.code, guardianships.c.id)
    )
    around: dict[str, list[Relative]] = {}
    for row in rows:
        own = around.setdefault(row.id, [])
        if row.person_id:
            own.append(Relative(row.person_id, None if row.unreachable_since else row.chat_id, bool(row.caregiver)))
    first = {row.id: row for row in reversed(rows)}
    return [
        Family(
            id,
            first[id].code,
            tx.vault.open(first[id].short_name, f"children.short_name:{id}").decode(),
            first[id].home_id,
            tuple(own),
        )
        for id, own in around.items()
    ]


async def relatives(tx: Tx, child_ids: Collection[str]) -> dict[str, list[Relative]]:
    """By child, caregivers first, with names and numbers."""
    found: dict[str, list[Relative]] = {}
    if not child_ids:
        return found
    rows = await tx.rows(
        select(guardianships.c.child_id, guardianships.c.relation, guardianships.c.caregiver, people)
        .join(people, people.c.id == guardianships.c.person_id)
        .where(guardianships.c.child_id.in_(child_ids), guardianships.c.ended_at.is_(None))
        .order_by(guardianships.c.caregiver.desc(), people.c.code, guardianships.c.id)
    )
    for row in rows:
        one = read_person(tx, row)
        chat = one.chat_id if one.reachable else None
        relative = Relative(one.id, chat, bool(row.caregiver), one.name, row.relation, one.phone)
        found.setdefault(row.child_id, []).append(relative)
    return found


async def volunteers(tx: Tx, child_ids: Collection[str], today: date) -> dict[str, list[Person]]:
    """By child: those paired with it today, who may see it."""
    found: dict[str, list[Person]] = {}
    if not child_ids:
        return found
    rows = await tx.rows(
        select(people, roles.c.role, pairings.c.child_id)
        .join(pairings, pairings.c.person_id == people.c.id)
        .join(children, children.c.id == pairings.c.child_id)
        .join(roles, and_(roles.c.person_id == people.c.id, roles.c.role == "volunteer"))
        .where(pairings.c.child_id.in_(child_ids), paired(), CLEARED, LIVING_ROLE)
        .order_by(people.c.code, people.c.id),
        {"today": today},
    )
    for row in rows:
        found.setdefault(row.child_id, []).append(read_person(tx, row))
    return found
