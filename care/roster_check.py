"""What can be said of a roster only when its rows are seen together: codes that nobody has, rows that stand twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from care.people import HOME_ROLES, Role
from care.roster import GuardianRow, Placed, Remark, Roster, StaffRow
from care.roster_cells import EMPTY, shown
from care.text import T, phrase, words

_TWICE = T("“{code}” stands here a second time; first in {file}, line {line}.")
_OTHERWISE = T("“{code}” stands in {file}, line {line} too, but there this is different. One code is one person.")
_NO_HOME = T("There is no home with the code “{code}”.")
_NEEDS_HOME = T("The code of a home is needed here, for the role {roles}.")
_NO_CHILD = T("There is no child with the code “{code}”.")
_NOBODY = T("There is nobody with the code “{code}” among the staff and volunteers.")
_NO_VOLUNTEER = T("“{code}” is not a love mother or volunteer in the file of the staff.")


@dataclass(frozen=True, slots=True)
class Known:
    """The codes that are in the database already, and which roles its people hold."""

    homes: frozenset[str] = frozenset()
    children: frozenset[str] = frozenset()
    people: Mapping[str, frozenset[str]] = field(default_factory=dict)


def check(roster: Roster, known: Known) -> tuple[Remark, ...]:
    """Everything that is wrong across rows; nothing of the load may be written unless this is empty."""
    guardian_of = (
        (placed, f"{placed.row.code} {child}") for placed in roster.guardians for child in placed.row.children
    )
    return (
        *_twice("code", ((placed, placed.row.code) for placed in roster.homes)),
        *_twice("code", ((placed, placed.row.code) for placed in roster.children)),
        *_twice("code", ((placed, placed.row.code) for placed in roster.staff)),
        *_twice("children", guardian_of),
        *_twice("child", ((placed, f"{placed.row.person} {placed.row.child}") for placed in roster.pairings)),
        *_one_code_two_people(roster),
        *_homes(roster, known),
        *_children(roster, known),
        *_volunteers(roster, known),
    )


def _twice(column: str, keyed: Iterable[tuple[Placed[Any], str]]) -> Iterator[Remark]:
    first: dict[str, Placed[Any]] = {}
    for placed, key in keyed:
        before = first.setdefault(key, placed)
        if before is not placed:
            yield placed.remark(column, _TWICE(code=words(key), file=words(before.file), line=str(before.line)))


def _one_code_two_people(roster: Roster) -> Iterator[Remark]:
    first: dict[str, Placed[StaffRow] | Placed[GuardianRow]] = {}
    everybody: tuple[Placed[StaffRow] | Placed[GuardianRow], ...] = (*roster.staff, *roster.guardians)
    for placed in everybody:
        before = first.setdefault(placed.row.code, placed)
        if type(before.row) is StaffRow and type(placed.row) is StaffRow:
            continue
        for column in {"name", "phone"} & placed.row.model_fields_set & before.row.model_fields_set:
            if getattr(placed.row, column) != getattr(before.row, column):
                told = _OTHERWISE(code=words(placed.row.code), file=words(before.file), line=str(before.line))
                yield placed.remark(column, told)


def _homes(roster: Roster, known: Known) -> Iterator[Remark]:
    homes = known.homes | {placed.row.code for placed in roster.homes}
    for child in roster.children:
        if child.row.home not in homes:
            yield child.remark("home", _NO_HOME(code=shown(child.row.home)))
    for person in roster.staff:
        yield from (
            person.remark("homes", _NO_HOME(code=shown(code))) for code in person.row.homes if code not in homes
        )
        homeless = [role.label for role in person.row.roles if role in HOME_ROLES and not person.row.homes]
        if homeless:
            yield person.remark("homes", _NEEDS_HOME(roles=phrase(homeless)))


def _children(roster: Roster, known: Known) -> Iterator[Remark]:
    children = known.children | {placed.row.code for placed in roster.children}
    for guardian in roster.guardians:
        if not guardian.row.children:
            yield guardian.remark("children", EMPTY)
        for code in guardian.row.children:
            if code not in children:
                yield guardian.remark("children", _NO_CHILD(code=shown(code)))
    for pairing in roster.pairings:
        if pairing.row.child not in children:
            yield pairing.remark("child", _NO_CHILD(code=shown(pairing.row.child)))


def _volunteers(roster: Roster, known: Known) -> Iterator[Remark]:
    people = dict(known.people)
    for placed in roster.staff:
        people[placed.row.code] = people.get(placed.row.code, frozenset()) | set(placed.row.roles)
    for pairing in roster.pairings:
        roles = people.get(pairing.row.person)
        if roles is None:
            yield pairing.remark("person", _NOBODY(code=shown(pairing.row.person)))
        elif Role.VOLUNTEER not in roles:
            yield pairing.remark("person", _NO_VOLUNTEER(code=shown(pairing.row.person)))
