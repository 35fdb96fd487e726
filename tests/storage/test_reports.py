"""A monthly report is made of its home's records; handed in, it reads as it was then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from care.access import Action
from care.calendar import Period
from care.monthly_report import Figures, InfoItem, ReportState, Section
from care.records.activity import Activity, ActivityKind
from care.records.base import Record
from care.records.contact_entry import ContactEntry, How, Mood
from care.records.talk import Reason, Talk, Topic
from care.refusal import Refusal
from care.text import words
from storage import excuses, info_items, records, reports, tables
from storage.assembling import assemble, candidates
from storage.database import Database, Tx
from tests.storage.district import District, add_child

MAY = Period(2026, 5)
TODAY = date(2026, 5, 20)
NOON = datetime(2026, 5, 20, 4, tzinfo=UTC)


def activity(home: str, on: date, **more: Any) -> Activity:
    return Activity(on=on, home=home, what=ActivityKind.HEALTH, **more)


def visit(child: str, on: date, mood: Mood = Mood.CONTENT) -> ContactEntry:
    return ContactEntry(on=on, child=child, how=How.PHONE, mood=mood)


def talk(on: date, *children: str) -> Talk:
    return Talk(on=on, children=children, reason=Reason.ROUTINE, topics=(Topic.STUDY,), said="悄悄话")


async def write(tx: Tx, district: District, body: Record, *, home: str = "a", at: datetime = NOON) -> records.Saved:
    one = records.saved(body, home_id=district.homes[home], author_id=district.people["teacher_a"], now=at)
    await records.add(tx, [one])
    return one


async def hand_in(tx: Tx, district: District, period: Period, at: datetime) -> None:
    teacher, home = await district.actor(tx, "teacher_a"), district.homes["a"]
    report = await assemble(tx, teacher, home, period, at.date())
    filed = await reports.filed(tx, home, period)
    await reports.keep(
        tx,
        replace(filed, state=ReportState.SUBMITTED, submitted_at=at, first_submitted_on=at.date(), report=report),
    )


async def test_the_figures_are_those_of_the_period_and_the_home(database: Database, district: District) -> None:
    a1, a2, b1 = (district.children[name] for name in ("a1", "a2", "b1"))
    home = district.homes["a"]
    async with database.transaction() as tx:
        early = await add_child(tx, "early", home, short_name="早早")
        gone = await add_child(tx, "gone", home, short_name="远远", status="left")
        days = {early: (date(2026, 1, 1), None), gone: (date(2026, 1, 1), date(2026, 5, 4))}
        for id, (joined, left) in days.items():
            child = tables.children.c.id == id
            await tx.run(update(tables.children).where(child).values(joined_on=joined, left_on=left))
        for body in (
            activity(home, date(2026, 5, 4), head_count=8),
            activity(home, date(2026, 4, 23)),
            activity(home, date(2026, 4, 22)),
            activity(home, date(2026, 5, 23)),
            talk(date(2026, 5, 5), a1, a2),
            talk(date(2026, 5, 6), a1),
            visit(a1, date(2026, 5, 7)),
            visit(a1, date(2026, 5, 8), Mood.NOT_MET),
        ):
            await write(tx, district, body)
        await write(tx, district, visit(b1, date(2026, 5, 9)), home="b")
        withdrawn = await write(tx, district, visit(a2, date(2026, 5, 9)))
        await records.withdraw(tx, withdrawn.id)
        check_in = {"id": "k", "child_id": a1, "home_id": home, "day": date(2026, 5, 9), "state": "open"}
        await tx.run(tables.check_ins.insert(), {**check_in, "asked_at": NOON, "answered_at": NOON})
        report = await assemble(tx, await district.actor(tx, "teacher_a"), home, MAY, TODAY)
    assert report.figures == Figures(
        start=2,
        joined=2,
        left=1,
        activities=2,
        talks=2,
        talked_with=2,
        contacts=1,
        attempts=1,
        check_ins=1,
        answered=1,
    )
    assert report.figures.end == 3
    assert [line.day for line in report.activities] == [date(2026, 4, 23), date(2026, 5, 4)]
    assert not report.supplement


async def test_what_was_handed_in_reads_as_it_was(database: Database, district: District) -> None:
    home, a1 = district.homes["a"], district.children["a1"]
    async with database.transaction() as tx:
        first = await write(tx, district, activity(home, date(2026, 5, 4), name="种树"))
        await hand_in(tx, district, MAY, NOON)
        await records.withdraw(tx, first.id)
        late = NOON + timedelta(hours=2)
        await write(tx, district, activity(home, date(2026, 5, 6), name="植树二"), at=late)
        await write(tx, district, talk(date(2026, 5, 7), a1), at=late)
        teacher = await district.actor(tx, "teacher_a")
        then = await assemble(tx, teacher, home, MAY, date(2026, 6, 1))
        now = await assemble(tx, teacher, home, MAY.next, date(2026, 6, 1))
        after = await assemble(tx, teacher, home, MAY.shifted(2), date(2026, 7, 1))
    assert [line.title for line in then.activities] == [words("种树")]
    assert [line.title for line in now.supplement.activities] == [words("植树二")]
    assert (now.supplement.talks, now.supplement.contacts) == (1, 0)
    assert now.activities == ()
    assert [line.title for line in after.supplement.activities] == [words("植树二")]


async def test_a_correction_after_handing_in_is_told_as_one(database: Database, district: District) -> None:
    home = district.homes["a"]
    async with database.transaction() as tx:
        first = await write(tx, district, activity(home, date(2026, 5, 4)))
        await hand_in(tx, district, MAY, NOON)
        better = records.saved(
            activity(home, date(2026, 5, 4), head_count=9),
            home_id=home,
            author_id=first.author_id,
            now=NOON + timedelta(days=1),
        )
        await records.add(tx, [replace(better, supersedes=first.id, version=2)])
        now = await assemble(tx, await district.actor(tx, "teacher_a"), home, MAY.next, date(2026, 5, 30))
    assert (now.supplement.corrected, now.supplement.activities) == (1, ())


async def test_a_month_that_can_still_be_handed_in_is_no_supplement(database: Database, district: District) -> None:
    home = district.homes["a"]
    async with database.transaction() as tx:
        await hand_in(tx, district, MAY.previous, NOON - timedelta(days=20))
        await write(tx, district, activity(home, date(2026, 5, 4)))
        teacher = await district.actor(tx, "teacher_a")
        open_yet = await assemble(tx, teacher, home, MAY.next, date(2026, 6, 1))
        missed = await assemble(tx, teacher, home, MAY.next, date(2026, 6, 24))
    assert not open_yet.supplement
    assert len(missed.supplement.activities) == 1


async def test_any_record_can_become_an_item_once(database: Database, district: District) -> None:
    home, a1 = district.homes["a"], district.children["a1"]
    async with database.transaction() as tx:
        teacher = await district.actor(tx, "teacher_a")
        kinds = (talk(date(2026, 5, 7), a1), visit(a1, date(2026, 5, 7)), activity(home, date(2026, 5, 2)))
        saved = [await write(tx, district, body) for body in kinds]
        await write(tx, district, visit(a1, date(2026, 5, 8), Mood.NOT_MET))
        report = await assemble(tx, teacher, home, MAY, TODAY)
        offered = await candidates(tx, teacher, report)
        assert [one.id for one in offered] == [one.id for one in reversed(saved)]
        item = InfoItem(record_id=saved[2].id, title=words("体检"), day=date(2026, 5, 2), paragraph=words("。"))
        told = {"author_id": teacher.person_id, "now": NOON}
        assert await info_items.add(tx, home, MAY, item, **told)
        assert not await info_items.add(tx, home, MAY, item, **told)
        report = await assemble(tx, teacher, home, MAY, TODAY)
        assert len(await candidates(tx, teacher, report)) == 2
        assert report.items_missing == 1
        await info_items.remove(tx, report.items[0].id, NOON)
        assert (await assemble(tx, teacher, home, MAY, TODAY)).items == ()


async def test_what_is_written_is_sealed_and_kept_by_version(database: Database, district: District) -> None:
    home = district.homes["a"]
    async with database.transaction() as tx:
        filed = await reports.filed(tx, home, MAY)
        one = await reports.keep(tx, replace(filed, sections={Section.PROGRESS: "图书角"}))
        two = await reports.keep(tx, replace(one, nil_reason="放假"))
        assert (one.version, two.version, one.id) == (1, 2, two.id)
        assert await reports.filed(tx, home, MAY) == two
        row = await tx.row(tables.monthly_reports.select())
        assert row is not None
        assert "图书角".encode() not in row.body


@pytest.mark.parametrize("who", ["teacher_b", "volunteer", "guardian"])
async def test_another_home_looks_like_none(database: Database, district: District, who: str) -> None:
    async with database.transaction() as tx:
        actor = await district.actor(tx, who)
        with pytest.raises(Refusal):
            await assemble(tx, actor, district.homes["a"], MAY, TODAY)
        seen = await reports.standings(tx, MAY, actor=actor)
    assert [one.home_id for one in seen] == ([district.homes["b"]] if who == "teacher_b" else [])


async def test_how_the_homes_stand(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        coordinator = await district.actor(tx, "coordinator")
        await hand_in(tx, district, MAY, NOON)
        await excuses.excuse(
            tx, reports.key(district.homes["b"], MAY), reason="停课", by=coordinator.person_id, now=NOON
        )
        a, b = await reports.standings(tx, MAY, actor=coordinator)
        before = await reports.standings(tx, MAY.previous, actor=coordinator)
        with pytest.raises(Refusal):
            await reports.home(tx, await district.actor(tx, "teacher_a"), Action.SUBMIT_REPORT, district.homes["a"])
        assert await excuses.reason(tx, b.key) == "停课"
    assert (a.state, a.first_submitted_on, a.open) == (ReportState.SUBMITTED, TODAY, False)
    assert (b.state, b.excused, b.open) == (ReportState.DRAFT, "excused", False)
    assert before == [], "a home owes nothing for the time before it was here"
