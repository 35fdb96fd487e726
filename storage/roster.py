"""Writes a whole roster in bulk: rows found by their code, added or changed. Nothing is ended or deleted by a load.

What somebody has ended in the meantime stays ended: an old sheet loaded again gives nobody their access back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select

from care.people import HOME_ROLES, Role
from care.roster import TABLES, Placed, Roster
from care.roster_check import Known
from care.text import T
from storage import audit
from storage.consents import CARE
from storage.database import Tx
from storage.pairings import rederive
from storage.roster_rows import Ids, Load, Outcome, State, add_rows, change_rows, upsert
from storage.tables import children, consents, guardianships, homes, pairings, people, roles
from storage.vault import new_id

PAPER = "paper"
_ROLE_ENDED = T(
    "The role “{role}” has ended in the meantime, and stays ended. Invite the person again to give it back."
)
_ALSO_ELSEWHERE = T("This person is “{role}” of another home too. End that with /people if it is over.")
_PAIRING_ENDED = T("This pairing has ended in the meantime, and stays ended. A later date here would start a new one.")
_GUARDIAN_ENDED = T("This guardian was taken off the child since, and that stays so.")
_CONSENT_WITHDRAWN = T("This consent was withdrawn since, and that stays so. A later date here would give it again.")


async def known_codes(tx: Tx) -> Known:
    """The codes in the database, for the checks that come before `store`."""
    held: dict[str, frozenset[str]] = {
        row.code: frozenset() for row in await tx.rows(select(people.c.code)) if row.code
    }
    living = (
        select(people.c.code, roles.c.role).join(roles).where(roles.c.ended_at.is_(None), people.c.code.isnot(None))
    )
    for row in await tx.rows(living):
        held[row.code] |= {row.role}
    return Known(
        homes=frozenset(row.code for row in await tx.rows(select(homes.c.code))),
        children=frozenset(row.code for row in await tx.rows(select(children.c.code))),
        people=held,
    )


async def store(tx: Tx, roster: Roster, *, today: date, now: datetime) -> Outcome:
    """Adds and changes what the roster says; it must have passed `care.roster_check.check`."""
    load = Load(tx, today, now)
    home_ids = await _store_homes(load, roster)
    child_ids = await _store_children(load, roster, home_ids)
    person_ids = await _store_people(load, roster)
    await _store_roles(load, roster, person_ids, home_ids)
    await _store_guardianships(load, roster, person_ids, child_ids)
    await _store_pairings(load, roster, person_ids, child_ids)
    await _store_consents(load, roster, child_ids)
    await audit.note(tx, load.entries)
    ids = {"homes": home_ids, "children": child_ids, "people": person_ids}
    return Outcome({table: load.count(getattr(roster, table)) for table in TABLES}, tuple(load.notes), ids)


async def _store_homes(load: Load, roster: Roster) -> Ids:
    blank: State = {"code": "", "name": "", "built_in": None, "room": "none", "details": {}}
    wanted = [(placed, _given(placed, details=("address", "hardware"))) for placed in roster.homes]
    return await upsert(load, homes, "home", blank, wanted)


async def _store_children(load: Load, roster: Roster, home_ids: Ids) -> Ids:
    plain = ("code", "short_name", "full_name", "sex", "born_on", "class_name")
    blank: State = {
        **dict.fromkeys(plain, ""),
        "born_on": None,
        "home_id": "",
        "boarding": False,
        "joined_on": load.today,
        "details": {},
    }
    details = ("family", "away", "where", "work", "since", "basis", "health", "interests")
    wanted = []
    for placed in roster.children:
        given = _given(placed, details=details, leave_out={"home", "consent"})
        if given.get("joined_on", load.today) is None:
            del given["joined_on"]
        wanted.append((placed, given | {"home_id": home_ids[placed.row.home]}))
    return await upsert(load, children, "child", blank, wanted)


async def _store_people(load: Load, roster: Roster) -> Ids:
    blank: State = {"code": "", "name": "", "phone": None, "details": {}}
    blank |= dict.fromkeys(("vetted_on", "trained_on", "conduct_on"))
    staff = [
        (placed, _given(placed, details=("full_time", "unit", "post"), leave_out={"roles", "homes"}))
        for placed in roster.staff
    ]
    not_theirs = {"children", "relation", "legal_guardian", "caregiver"}
    guardians = [(placed, _given(placed, leave_out=not_theirs)) for placed in roster.guardians]
    return await upsert(load, people, "person", blank, [*staff, *guardians])


def _given(placed: Placed[Any], *, details: Sequence[str] = (), leave_out: Collection[str] = ()) -> State:
    """The fields that the row brought, those of `details` gathered in one column."""
    brought = {name: getattr(placed.row, name) for name in placed.row.model_fields_set if name not in leave_out}
    return {
        **{name: brought[name] for name in brought if name not in details},
        "details": {name: brought[name] for name in details if name in brought},
    }


async def _store_roles(load: Load, roster: Roster, person_ids: Ids, home_ids: Ids) -> None:
    held: dict[tuple[str, str], dict[str | None, bool]] = {}
    for row in await load.tx.rows(select(roles)):
        of_kind = held.setdefault((row.person_id, row.role), {})
        of_kind[row.home_id] = of_kind.get(row.home_id, False) or row.ended_at is None
    new: list[State] = []
    wanted: list[tuple[Placed[Any], Role, tuple[str | None, ...]]] = [
        (placed, Role.GUARDIAN, (None,)) for placed in roster.guardians
    ]
    for placed in roster.staff:
        its_homes = tuple(home_ids[code] for code in placed.row.homes)
        wanted += [(placed, role, its_homes if role in HOME_ROLES else (None,)) for role in placed.row.roles]
    for placed, role, places in wanted:
        person_id = person_ids[placed.row.code]
        of_kind = held.setdefault((person_id, role), {})
        for place in places:
            if place not in of_kind:
                new.append(
                    {
                        "id": new_id(),
                        "person_id": person_id,
                        "role": role.value,
                        "home_id": place,
                        "starts_on": load.today,
                    }
                )
                of_kind[place] = True
                load.touch(placed, "changed", "person", person_id)
            elif not of_kind[place]:
                load.note(placed, "roles", _ROLE_ENDED(role=role.label))
        if any(alive and place not in places for place, alive in of_kind.items()):
            load.note(placed, "homes", _ALSO_ELSEWHERE(role=role.label))
    await add_rows(load.tx, roles, new)


async def _store_guardianships(load: Load, roster: Roster, person_ids: Ids, child_ids: Ids) -> None:
    held = _latest(await load.tx.rows(select(guardianships)))
    new: list[State] = []
    changed: list[State] = []
    for placed in roster.guardians:
        names = {"relation", "legal_guardian", "caregiver"} & placed.row.model_fields_set
        for code in placed.row.children:
            key = (person_ids[placed.row.code], child_ids[code])
            before = held.get(key)
            if before is None:
                told = placed.row.model_dump(include={"relation", "legal_guardian", "caregiver"})
                new.append({"id": new_id(), "person_id": key[0], "child_id": key[1], **told})
                load.touch(placed, "changed", "child", key[1])
            elif before.ended_at:
                load.note(placed, "children", _GUARDIAN_ENDED)
            elif any(getattr(placed.row, name) != getattr(before, name) for name in names):
                kept = {
                    name: getattr(placed.row if name in names else before, name)
                    for name in ("relation", "legal_guardian", "caregiver")
                }
                changed.append({"id": before.id, **kept})
                load.touch(placed, "changed", "child", key[1])
    await add_rows(load.tx, guardianships, new)
    await change_rows(load.tx, guardianships, changed)


async def _store_pairings(load: Load, roster: Roster, person_ids: Ids, child_ids: Ids) -> None:
    held = _latest(await load.tx.rows(select(pairings)))
    new: list[State] = []
    changed: list[State] = []
    for placed in roster.pairings:
        row, key = placed.row, (person_ids[placed.row.person], child_ids[placed.row.child])
        before = held.get(key)
        told = {"kind": row.kind, "starts_on": row.since or load.today, "rhythm_days": row.rhythm_days}
        if before is None or (before.ended_at and row.since and row.since > before.ended_at.date()):
            new.append({"id": new_id(), "person_id": key[0], "child_id": key[1], **told})
            load.touch(placed, "added", "pairing", new[-1]["id"])
            continue
        if before.ended_at:
            load.note(placed, "since", _PAIRING_ENDED)
            continue
        brought = {"kind", "rhythm_days"} & row.model_fields_set | ({"starts_on"} if row.since else set())
        kept = {name: told[name] if name in brought else getattr(before, name) for name in told}
        if any(kept[name] != getattr(before, name) for name in kept):
            changed.append({"id": before.id, **kept})
            load.touch(placed, "changed", "pairing", before.id)
    await add_rows(load.tx, pairings, new)
    await change_rows(load.tx, pairings, changed)
    await rederive(load.tx)


def _latest(rows: Sequence[Row[Any]]) -> dict[tuple[str, str], Row[Any]]:
    """By person and child: the living row, else the one that ended last."""
    found: dict[tuple[str, str], Row[Any]] = {}
    for row in sorted(rows, key=lambda row: (row.ended_at is None, row.ended_at.timestamp() if row.ended_at else 0.0)):
        found[row.person_id, row.child_id] = row
    return found


async def _store_consents(load: Load, roster: Roster, child_ids: Ids) -> None:
    held: dict[str, Row[Any]] = {}
    of_care = select(consents).where(consents.c.purpose == CARE)
    for row in sorted(await load.tx.rows(of_care), key=lambda row: (row.withdrawn_at is None, row.given_on)):
        held[row.child_id] = row
    new: list[State] = []
    changed: list[State] = []
    for placed in roster.children:
        given_on, child_id = placed.row.consent, child_ids[placed.row.code]
        before = held.get(child_id)
        if given_on is None:
            continue
        if before is None or (before.withdrawn_at and given_on > before.withdrawn_at.date()):
            told = {"purpose": CARE, "way": PAPER, "text_version": PAPER, "given_on": given_on}
            new.append({"id": new_id(), "child_id": child_id, **told})
            load.touch(placed, "changed", "child", child_id)
        elif before.withdrawn_at:
            load.note(placed, "consent", _CONSENT_WITHDRAWN)
        elif before.way == PAPER and before.given_on != given_on:
            changed.append({"id": before.id, "given_on": given_on})
            load.touch(placed, "changed", "child", child_id)
    await add_rows(load.tx, consents, new)
    await change_rows(load.tx, consents, changed)
