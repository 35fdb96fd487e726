"""The coordinator's entries, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select

from care.calendar import Change, DayKind, Override
from storage import calendar, tables
from storage.database import Database
from tests.storage.district import NOW

SNOW = date(2026, 11, 25)
FREE = Override(SNOW, SNOW, Change.FREE_DAY, "雪")
SCHOOL = Override(SNOW, SNOW, Change.SCHOOL_DAY)
HOUR = timedelta(hours=1)


async def test_without_entries_it_is_the_usual_one(database: Database) -> None:
    async with database.transaction() as tx:
        assert (await calendar.load(tx)).kind_of(SNOW) is DayKind.SCHOOL_DAY
        assert await calendar.changed_at(tx) is None
        assert await calendar.entries(tx, date(2000, 1, 1)) == []


async def test_an_entry_counts_from_now_until_it_is_ended_and_is_kept(database: Database) -> None:
    async with database.transaction() as tx:
        id = await calendar.add(tx, FREE, "coordinator", NOW)
    async with database.transaction() as tx:
        found = await calendar.load(tx)
        assert found.name_of(SNOW).msgid == "雪"
        assert await calendar.load(tx) is found
        assert await calendar.end(tx, id, "coordinator", NOW + HOUR)
        assert not await calendar.end(tx, id, "coordinator", NOW + HOUR)
    async with database.transaction() as tx:
        assert (await calendar.load(tx)).is_school_day(SNOW)
        assert await calendar.entry(tx, id) is None
        assert (await tx.rows(select(func.count()).select_from(tables.calendar_overrides)))[0][0] == 1


async def test_the_past_reads_as_it_was(database: Database) -> None:
    async with database.transaction() as tx:
        id = await calendar.add(tx, FREE, "coordinator", NOW)
        await calendar.end(tx, id, "coordinator", NOW + 2 * HOUR)
        assert (await calendar.load(tx, NOW - HOUR)).is_school_day(SNOW)
        assert not (await calendar.load(tx, NOW)).is_school_day(SNOW)
        assert not (await calendar.load(tx, NOW + HOUR)).is_school_day(SNOW)
        assert (await calendar.load(tx, NOW + 2 * HOUR)).is_school_day(SNOW)
        assert await calendar.changed_at(tx) == NOW + 2 * HOUR


async def test_the_later_entry_counts_and_a_repeat_is_one(database: Database) -> None:
    async with database.transaction() as tx:
        one = await calendar.add(tx, FREE, "coordinator", NOW)
        assert await calendar.add(tx, FREE, "coordinator", NOW + HOUR) == one
        await calendar.add(tx, SCHOOL, "coordinator", NOW + HOUR)
        assert (await calendar.load(tx)).is_school_day(SNOW)
        again = await calendar.add(tx, FREE, "coordinator", NOW + 2 * HOUR)
        assert again != one
        assert not (await calendar.load(tx)).is_school_day(SNOW)
        assert await calendar.changed_at(tx) == NOW + 2 * HOUR


async def test_entries_are_listed_by_their_days_and_past_ones_left_out(database: Database) -> None:
    winter = Override(date(2027, 1, 16), date(2027, 2, 14), Change.VACATION, "寒假")
    async with database.transaction() as tx:
        await calendar.add(tx, winter, "coordinator", NOW)
        await calendar.add(tx, FREE, "coordinator", NOW + HOUR)
        assert [entry.override for entry in await calendar.entries(tx, SNOW)] == [FREE, winter]
        assert [entry.override for entry in await calendar.entries(tx, date(2027, 2, 14))] == [winter]
        assert (await calendar.load(tx)).winter(2027).last == date(2027, 2, 14)
