"""The demo's district has the numbers of its source, none of its persons, and is alive."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from bot.demo.cast import HELD_BY, PHONES, seed
from bot.demo.district import district
from care.people import Actor, Role
from care.roster_check import Known, check
from storage import people, records, tables
from storage.database import Database

NOW = datetime(2024, 6, 20, 2, 0, tzinfo=UTC)
TODAY = NOW.date()
SURNAMES_OF_THE_SOURCE = set("范樊徐许张章吴武伍文闻赵江姜蒋桂陈")
"""Every way to write the surnames that stand in the source, which is a translation."""


def test_the_facts_of_the_source() -> None:
    roster = district(TODAY)
    homes, children = roster.homes, roster.children
    assert len(homes) == 18
    assert sum(home.row.built_in == TODAY.year for home in homes) == 13
    assert len(children) == 203
    per_home = [sum(child.row.home == home.row.code for child in children) for home in homes]
    assert {16, 31} <= set(per_home)
    assert sum(Role.VOLUNTEER in person.row.roles for person in roster.staff) == 60
    assert sum(home.row.room == "under_reinforcement" for home in homes) == 2


def test_it_is_a_roster_without_faults_and_always_the_same() -> None:
    assert check(district(TODAY), Known()) == ()
    assert district(TODAY) == district(TODAY)


@pytest.mark.parametrize("today", [date(2025, 1, 1), date(2024, 2, 29), date(2027, 12, 31)])
def test_it_stands_on_any_day(today: date) -> None:
    roster = district(today)
    assert check(roster, Known()) == ()
    assert sum(home.row.built_in == today.year for home in roster.homes) == 13


def test_nobody_of_the_source_is_in_it() -> None:
    roster = district(TODAY)
    names = [placed.row.name for placed in (*roster.staff, *roster.guardians)]
    names += [placed.row.full_name for placed in roster.children]
    assert not {name[0] for name in names} & SURNAMES_OF_THE_SOURCE


def test_short_names_are_one_a_home() -> None:
    called = [(placed.row.home, placed.row.short_name) for placed in district(TODAY).children]
    assert len(called) == len(set(called))


async def test_the_seed_fills_an_empty_database(database: Database) -> None:
    started = time.perf_counter()
    await seed(database, NOW)
    print(f"seeded in {time.perf_counter() - started:.2f} s")
    async with database.reading() as tx:
        counted = {
            name: (await tx.rows(select(func.count()).select_from(tables.metadata.tables[name])))[0][0]
            for name in ("homes", "children", "records")
        }
        days = await tx.rows(select(tables.records.c.created_at, tables.records.c.happened_on))
    assert (counted["homes"], counted["children"]) == (18, 203)
    assert counted["records"] > 150
    assert all(row.created_at < NOW and row.happened_on < TODAY for row in days)


async def test_the_phones_are_linked_and_see_life(database: Database) -> None:
    await seed(database, NOW)
    async with database.reading() as tx:
        actors = await people.actors(tx, [phone.user_id for phone in PHONES], TODAY)
        assert actors.keys() == HELD_BY.keys()
        assert [phone.role for phone in PHONES if phone.user_id not in actors] == ["stranger"]
        known = [phone for phone in PHONES if phone.user_id in actors]
        reached = [_children(actors[phone.user_id]) for phone in known if phone.role == "volunteer"]
        assert sorted(map(len, reached)) == [1, 3]
        for phone in known:
            actor = actors[phone.user_id]
            assert phone.role in {role.value for role in actor.roles}
            assert actor.name == phone.name
            assert actor.language == ("en" if phone.language_code == "en" else "zh_Hans_CN")
            if phone.role in ("volunteer", "teacher"):
                assert await records.mine(tx, actor, 10)
            if phone.role == "coordinator":
                assert len(await records.recent(tx, actor, 10)) == 10
            if phone.role == "teacher":
                assert len(actor.grants) == 1


def _children(actor: Actor) -> frozenset[str]:
    return frozenset().union(*(grant.children for grant in actor.grants))
