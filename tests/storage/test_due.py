"""What fell due is looked up, not sifted out of all there is: the short way finds the same as the long one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from care.calendar import Period
from care.monthly_report import ReportState
from storage import monthly, reports, tables, touch, unheard
from storage.database import Database, Tx
from storage.vault import new_id
from tests.storage.district import District
from tests.storage.test_reports import MAY, NOON, activity, hand_in, talk, write

DAYS = [date(2026, 5, 1) + timedelta(days=number) for number in range(31)]


async def quiet(tx: Tx, days: list[date]) -> dict[str, date]:
    """As it would be without an index."""
    return {home: day for home, day in (await monthly.last_activity(tx)).items() if day in days}


async def test_homes_by_the_day_of_their_last_activity(database: Database, district: District) -> None:
    a, b = district.homes["a"], district.homes["b"]
    async with database.transaction() as tx:
        assert await monthly.quiet_since(tx, DAYS) == await quiet(tx, DAYS) == dict.fromkeys((a, b), NOON.date())
        for day in (3, 9):
            await write(tx, district, activity(a, date(2026, 5, day)))
        assert await monthly.quiet_since(tx, DAYS) == {a: date(2026, 5, 9), b: NOON.date()}
        assert await monthly.quiet_since(tx, [date(2026, 5, 3)]) == {}
        last = await write(tx, district, activity(a, date(2026, 5, 15)))
        assert await monthly.quiet_since(tx, DAYS) == await quiet(tx, DAYS)
        await tx.run(update(tables.records).where(tables.records.c.id == last.id).values(status="withdrawn"))
        assert await monthly.quiet_since(tx, [date(2026, 5, 9)]) == {a: date(2026, 5, 9)}
        assert await monthly.quiet_since(tx, [date(2026, 5, 15)]) == await monthly.quiet_since(tx, []) == {}


async def test_children_with_whom_nobody_has_talked(database: Database, district: District) -> None:
    period = Period(2026, 5)
    a1, a2, b1 = (district.children[name] for name in ("a1", "a2", "b1"))

    async def missing(home: str = "") -> list[str]:
        return [child.id for child in await monthly.without_talk(tx, period.first, period.last, home)]

    async with database.transaction() as tx:
        assert await missing() == [a1, a2, b1]
        for day, child in ((period.first, a1), (period.first - timedelta(days=1), a2)):
            held = await write(tx, district, talk(day, child))
            await touch.talked(tx, [(child, day)])
            await touch.talked(tx, [(child, day - timedelta(days=60))])
        assert await missing() == [a2, b1]
        long_way = [child.id for child, on in await monthly.talked(tx, period.first, period.last) if on is None]
        assert await missing() == long_way
        assert await missing(district.homes["a"]) == [a2]
        assert await missing(district.homes["b"]) == [b1]
        again = await write(tx, district, talk(period.first, a2))
        await touch.talked(tx, [(a2, period.first)])
        assert await missing() == [b1]
        await touch.rederive(tx, [a2], but=again.id)  # it is taken back
        assert await missing() == [a2, b1]
        row = await tx.row(select(tables.children.c.last_talk_on).where(tables.children.c.id == a2))
        assert row == (held.happened_on,)


async def test_children_nobody_was_in_touch_with_since_then(database: Database, district: District) -> None:
    """Who was never seen counts from the day on which they joined."""
    a1, a2, b1 = (district.children[name] for name in ("a1", "a2", "b1"))
    children = tables.children
    async with database.transaction() as tx:
        await tx.run(update(children).values(joined_on=date(2026, 5, 2)))
        await touch.touch(tx, [(a1, date(2026, 5, 9))])
        await tx.run(update(children).where(children.c.id == b1).values(status="left"))
        found = await touch.silent_since(tx, [date(2026, 5, 2), date(2026, 5, 9)])
        assert {day: [child.id for child in silent] for day, silent in found.items()} == {
            date(2026, 5, 2): [a2],
            date(2026, 5, 9): [a1],
        }
        assert await touch.silent_since(tx, [date(2026, 5, 3)]) == {}


@pytest.mark.parametrize("state", list(ReportState))
async def test_homes_whose_report_is_still_to_come(database: Database, district: District, state: ReportState) -> None:
    async with database.transaction() as tx:
        await hand_in(tx, district, MAY, NOON)
        filed = await reports.filed(tx, district.homes["a"], MAY)
        await reports.keep(tx, replace(filed, state=state))
        everybody = await reports.standings(tx, MAY)
        assert await reports.standings(tx, MAY, handed_in_too=False) == [one for one in everybody if one.open]


async def test_guardians_whom_a_notice_reached_just_then(database: Database, district: District) -> None:
    """Neither one who has acknowledged it, nor what is no notice."""
    guardian = district.people["guardian"]
    async with database.transaction() as tx:
        for notice in ("n1", "n2"):
            await noticed(tx, notice, guardian, NOON)
        just = (NOON - timedelta(minutes=1), NOON)
        assert [one.person_id for one in await unheard.sent_between(tx, "n1", *just)] == [guardian]
        assert await unheard.sent_between(tx, "n1", NOON, NOON + timedelta(minutes=1)) == []
        of_first = tables.receipts.c.notice_id == "n1"
        await tx.run(update(tables.receipts).where(of_first).values(acknowledged_at=NOON))
        assert await unheard.sent_between(tx, "n1", *just) == []
        assert [one.sent_at for one in await unheard.sent_between(tx, "n2", *just)] == [NOON]


async def noticed(tx: Tx, notice: str, person: str, at: datetime) -> None:
    moments = dict.fromkeys(("created_at", "send_at", "shown_at"), at)
    await tx.run(insert(tables.notices), {"id": notice, "number": "AAAA", "state": "done", "body": b""} | moments)
    key = f"notice:{notice}:{person}"
    await tx.run(insert(tables.receipts), {"notice_id": notice, "person_id": person, "state": "sent", "key": key})
    row = {"key": key, "about": key, "chat_id": 1, "person_id": person, "verb": "send", "priority": 3, "body": b""}
    sent = {"needs": "notice.get", "state": "sent", "created_at": at, "not_before": at, "done_at": at}
    await tx.run(insert(tables.outbox), row | sent)
    await tx.run(insert(tables.outbox), row | sent | {"key": new_id(), "needs": "record.log"})
