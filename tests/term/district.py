"""The district of the simulation: the demo's 18 homes and 203 children, of whose grown-ups most hold a phone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from bot.demo.cast import HELD_BY, seed
from bot.demo.district import district
from bot.demo.places import Phone
from care.people import Role
from care.roster import Roster
from storage import pairings, people, tables
from storage.database import Database, Tx, open_database
from storage.vault import Vault
from tests.stage import KEY

CHINA = ZoneInfo("Asia/Shanghai")
FIRST = 740_000
"""The chats of those who hold no phone in the demo are numbered from here."""
VOLUNTEERS, CAREGIVERS, PARENTS = 0.9, 0.85, 0.4
"""So many of them have a chat."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a phone. `homes` and `children` (guarded, or paired with) are codes."""

    code: str
    name: str
    chat_id: int
    role: Role
    homes: tuple[str, ...] = ()
    children: tuple[str, ...] = ()

    @property
    def phone(self) -> Phone:
        return Phone(self.chat_id, self.name, self.role.value)


def holders(roster: Roster, seed_: int, homes: Sequence[str] = ()) -> list[Holder]:
    """Who has a phone; only around these homes, if they are named: those who are there for the district as well."""
    chats = {code: chat for chat, code in HELD_BY.items()}
    home_of = {placed.row.code: placed.row.home for placed in roster.children}
    found = []
    for number, (code, name, role, theirs, children, share) in enumerate(_candidates(roster)):
        lucky = Random(f"{seed_}:{code}:phone").random() < share
        near = not homes or role is Role.COORDINATOR or set(homes) & {*theirs, *(home_of[child] for child in children)}
        if near and (lucky or code in chats):
            found.append(Holder(code, name, chats.get(code, FIRST + number), role, theirs, children))
    return found


_Candidate = tuple[str, str, Role, tuple[str, ...], tuple[str, ...], float]


def _candidates(roster: Roster) -> Iterator[_Candidate]:
    paired: dict[str, list[str]] = {}
    for placed in roster.pairings:
        paired.setdefault(placed.row.person, []).append(placed.row.child)
    for placed_ in roster.staff:
        row, role = placed_.row, placed_.row.roles[0]
        share = VOLUNTEERS if role is Role.VOLUNTEER else 0.0 if role is Role.COUNSELLOR else 1.0
        yield row.code, row.name, role, row.homes, tuple(paired.get(row.code, ())), share
    for guardian in roster.guardians:
        share = CAREGIVERS if guardian.row.caregiver else PARENTS
        yield guardian.row.code, guardian.row.name, Role.GUARDIAN, (), guardian.row.children, share


async def furnish(url: str, since: datetime, seed_: int, homes: Sequence[str] = ()) -> list[Holder]:
    """Fill a migrated, empty database with the district as of that moment; who holds a phone."""
    known = holders(district(since.astimezone(CHINA).date()), seed_, homes)
    database = open_database(url, Vault(KEY))
    try:
        await seed(database, since)
        async with database.transaction() as tx:
            ids = await ids_by_code(tx, tables.people)
            strangers = {*HELD_BY.values()} - {one.code for one in known}
            without = update(tables.people).where(tables.people.c.code.in_(strangers))
            await tx.run(without.values(chat_id=None))
            for one in known:
                if one.chat_id not in HELD_BY:
                    await people.link_chat(tx, ids[one.code], one.chat_id, "zh_Hans_CN", since)
                    await people.set_language(tx, ids[one.code], "zh_Hans_CN")
    finally:
        await database.close()
    return known


async def ids_by_code(tx: Tx, table: tables.Table) -> Mapping[str, str]:
    return {row.code: row.id for row in await tx.rows(select(table.c.id, table.c.code)) if row.code}


# --- what nobody can do on a phone


async def new_phone(database: Database, code: str, chat_id: int, now: datetime) -> None:
    """The operator links the chat of a person's new phone, and by that lets go of the one that was lost."""
    async with database.transaction() as tx:
        ids = await ids_by_code(tx, tables.people)
        await people.link_chat(tx, ids[code], chat_id, "zh_Hans_CN", now)


async def part(database: Database, person: str, child: str, now: datetime) -> None:
    """Their pairing ends."""
    async with database.transaction() as tx:
        ids, children = await ids_by_code(tx, tables.people), await ids_by_code(tx, tables.children)
        bond = tables.pairings
        open_one = (bond.c.person_id == ids[person], bond.c.child_id == children[child], bond.c.ended_at.is_(None))
        for row in await tx.rows(select(bond.c.id).where(*open_one)):
            await pairings.unpair(tx, row.id, "operator", now)
