"""Who is asked while somebody is away: who stands in; else who holds the role too; else who stands one level up; and
where there is nobody at all, the person all the same. Nothing is owed by nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from care.absence import ABOVE, Away
from care.people import Role
from storage import absences, people, staff
from storage.absences import Absence
from storage.database import Tx
from storage.people import Person


async def filled(
    tx: Tx, found: Mapping[str, Sequence[Person]], home_of: Callable[[str], str] = str
) -> dict[str, list[Person]]:
    """The people of each place (a home, or what `home_of` knows the home of) as they can be asked now. Each Person
    has the role of the one in whose place they stand, or, one level up, their own."""
    away, deputies = await _away(tx, [one for many in found.values() for one in many])
    there: dict[str, list[Person]] = {}
    for place, many in found.items():
        asked = _covered(many, away, deputies)
        gone = next((one for one in many if one.id in away), None)
        if gone and not any(one.reachable for one in asked):
            named = _in_place_of(gone, away[gone.id])
            asked = await _above(tx, gone.role, home_of(place), named) or list(many)
        there[place] = asked
    return there


async def present(tx: Tx, many: Sequence[Person]) -> list[Person]:
    """Those who are not away, and who stands in for the others."""
    away, deputies = await _away(tx, many)
    return _covered(many, away, deputies)


async def with_deputies(tx: Tx, many: Sequence[Person]) -> list[Person]:
    """All of them, and who stands in for those who are away: for what cannot wait."""
    away, deputies = await _away(tx, many)
    return list({one.id: one for one in [*_covered(many, away, deputies), *many][::-1]}.values())[::-1]


async def _away(tx: Tx, many: Iterable[Person]) -> tuple[Mapping[str, Absence], Mapping[str, Person]]:
    """By person: who is away, and those who stand in and can be asked."""
    away = await absences.running(tx, {one.id for one in many})
    if not away:
        return {}, {}
    asked = await people.by_ids(tx, {one.deputy_id for one in away.values() if one.deputy_id})
    away_too = await absences.running(tx, asked)
    return away, {id: one for id, one in asked.items() if one.reachable and id not in away_too}


def _covered(many: Sequence[Person], away: Mapping[str, Absence], deputies: Mapping[str, Person]) -> list[Person]:
    there = {one.id: one for one in many if one.id not in away}
    for gone in many:
        absence = away.get(gone.id)
        deputy = deputies.get(absence.deputy_id or "") if absence else None
        if absence and deputy:
            there.setdefault(deputy.id, replace(deputy, role=gone.role, away=_in_place_of(gone, absence)))
    return list(there.values())


def _in_place_of(gone: Person, absence: Absence) -> Away:
    return gone.away or Away(absence.id, gone.name, absence.last_on)


async def _above(tx: Tx, role: Role | None, home_id: str, named: Away) -> list[Person]:
    """Who can be asked one level up, or further; empty where nobody can."""
    while role := ABOVE.get(role) if role else None:
        if role is Role.COORDINATOR:
            found = await staff.coordinators(tx)
        else:
            found = (await staff.of_homes(tx, role, [home_id])).get(home_id, [])
        asked = [replace(one, away=named) for one in await present(tx, found) if one.reachable]
        if asked:
            return asked
    return []
