"""/overview: one home for its teacher, a table of homes for the district, worst first."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from bot.engine.duty import Standing
from bot.engine.overview import Overview, look, together
from care.access import Action
from care.calendar import Calendar
from care.check_in import State
from care.concern import Closing, Gravity, Lane
from care.people import Role
from care.records.contact_entry import ContactEntry
from storage import check_ins, children, concerns, follow_ups, people, records, tables
from storage.check_ins import New
from tests.flows.families import LONG
from tests.flows.test_talk import begun
from tests.stage import NOON, Chat, Stage

CHINA = ZoneInfo("Asia/Shanghai")
MOTHER, TEACHER, GUARDIAN, COORDINATOR, ENGLISH, LEAD = 730001, 730002, 730003, 730004, 730005, 730006


async def opened(stage: Stage, user: int) -> Chat:
    chat = stage.chat(user)
    await chat.start()
    return chat


async def seen_by(stage: Stage, user: int) -> Overview:
    async with stage.database.reading() as tx:
        actor = (await people.actors(tx, [user], NOON.date()))[user]
        return await look(tx, actor, stage.app.gateway._registry.duties, NOON.date(), CHINA)


async def test_a_teacher_sees_the_own_home_and_who_waits_for_a_word(any_district: Stage) -> None:
    teacher = await opened(any_district, TEACHER)
    await teacher.say("/overview")
    assert "近郊小学" in teacher.heard
    assert "12月（11月23日到12月22日）" in teacher.heard
    assert "谈心：✅" in teacher.heard
    assert "东风小学" not in teacher.heard
    assert not [data for data in teacher.data if "|page|" in data]


async def test_a_coordinator_turns_the_pages_and_opens_a_home(district: Stage) -> None:
    coordinator = await opened(district, COORDINATOR)
    await coordinator.say("/overview")
    assert "18个儿童之家" in coordinator.heard
    assert "8. " in coordinator.heard
    assert "9. " not in coordinator.heard
    bubbles = len(coordinator.bubbles)
    await coordinator.tap("往后")
    await coordinator.tap("往后")
    assert "18. " in coordinator.heard
    await coordinator.press("|home|")
    assert "上" in coordinator.heard or "11月（" in coordinator.heard
    assert "谈心" in coordinator.heard
    await coordinator.tap("所有儿童之家")
    assert "1. " in coordinator.heard
    assert len(coordinator.bubbles) == bubbles
    assert len(coordinator.heard) < 1500


async def test_those_that_need_most_come_first_and_nothing_is_counted_twice(district: Stage) -> None:
    found = await seen_by(district, COORDINATOR)
    missing = [together([row.this]).missing + together([row.last]).missing for row in found.rows]
    assert missing == sorted(missing, reverse=True)
    own = await seen_by(district, TEACHER)
    (row,) = own.rows
    assert row == found.home(row.home.id)
    assert row.last["talk"].total == row.this["talk"].total
    assert row.last["talk"].met + row.last["talk"].missing + row.last["talk"].ahead == row.last["talk"].total


async def test_what_is_logged_moves_it(district: Stage) -> None:
    before = (await seen_by(district, TEACHER)).rows[0].this["talk"].met
    teacher = await opened(district, TEACHER)
    await begun(teacher, "0617")
    await teacher.say("他想爸爸了。")
    await teacher.tap("保存")
    assert (await seen_by(district, TEACHER)).rows[0].this["talk"].met == before + 1


async def test_a_home_out_of_reach_is_not_found(district: Stage) -> None:
    far = (await seen_by(district, COORDINATOR)).rows
    own = (await seen_by(district, TEACHER)).rows[0].home.id
    other = next(row.home for row in far if row.home.id != own)
    for user in (TEACHER, MOTHER, GUARDIAN):
        chat = await opened(district, user)
        await chat.tap_data(f"b|overview|home|{other.id}")
        assert other.name not in chat.heard
    assert "找到" in await (await opened(district, MOTHER)).say("/overview")


@pytest.mark.parametrize(("user", "title"), [(COORDINATOR, "各家总览"), (TEACHER, "近郊小学")])
async def test_a_button_gives_the_same_as_a_picture(district: Stage, user: int, title: str) -> None:
    chat = await opened(district, user)
    await chat.say("/overview")
    await chat.tap("🖼")
    assert title in chat.heard
    sent = chat.bubbles[-1].payload["document"]
    assert sent["mime_type"] == "image/png"
    assert district.world.files.find(sent["file_id"]).data.startswith(b"\x89PNG")


async def test_nobody_gets_a_picture_of_a_home_out_of_reach(district: Stage) -> None:
    own = (await seen_by(district, TEACHER)).rows[0].home.id
    far = next(row.home.id for row in (await seen_by(district, COORDINATOR)).rows if row.home.id != own)
    teacher = await opened(district, TEACHER)
    await teacher.tap_data(f"b|overview|picture|{far}")
    assert not [post for post in teacher.bubbles if "document" in post.payload]


async def standings(stage: Stage, user: int, duty: str, first: date, last: date) -> list[tuple[date, Standing]]:
    found = next(one for one in stage.app.gateway._registry.duties if one.name == duty)
    async with stage.database.reading() as tx:
        actor = (await people.actors(tx, [user], last))[user]
        stands = await (found.counted or found.owed)(tx, actor, Calendar(), first, last)
        return sorted((one.due_on, one.standing) for one in stands)


async def test_contacts_end_on_time_late_or_missing(any_district: Stage) -> None:
    """Every 14 days; derived from the entries, those that only tried left out, and what was taken back as if it had
    never been."""
    start = NOON.date() - timedelta(days=100)
    async with any_district.database.transaction() as tx:
        who = (await people.actors(tx, [MOTHER], NOON.date()))[MOTHER]
        (child,) = next(grant for grant in who.grants if grant.role is Role.VOLUNTEER).children
        home = (await children.child(tx, who, Action.SEE_CHILD, child)).home_id
        for old in await records.mine(tx, who, 500):
            await tx.run(update(tables.records).where(tables.records.c.id == old.id).values(status="withdrawn"))
        await tx.run(update(tables.pairings).where(tables.pairings.c.child_id == child).values(starts_on=start))
        made = [entry(child, home, who.person_id, start + timedelta(days=days)) for days in (10, 30, 60, 65)]
        tried = entry(child, home, who.person_id, start + timedelta(days=40), mood="not_met")
        await records.add(tx, [*made, tried])
    due = {days: start + timedelta(days=days) for days in (14, 24, 44, 74, 79)}
    whole = await standings(any_district, MOTHER, "contact", start, due[74])
    assert [one for one in whole if one[1] is not Standing.OPEN] == [
        (due[14], Standing.MET),
        (due[24], Standing.LATE),
        (due[44], Standing.MISSED),
        (due[74], Standing.MET),
    ]
    part = await standings(any_district, MOTHER, "contact", due[24], due[44])
    assert [one[1] for one in part if one[1] is not Standing.OPEN] == [Standing.LATE, Standing.MISSED]


def entry(child: str, home: str, author: str, on: date, mood: str = "cheerful") -> records.Saved:
    body = ContactEntry.model_validate({"child": child, "how": "phone", "mood": mood, "on": on})
    return records.saved(body, home_id=home, author_id=author, now=NOON)


async def test_promises_end_on_time_late_void_or_missing(any_district: Stage) -> None:
    today = NOON.date()
    async with any_district.database.transaction() as tx:
        who = (await people.actors(tx, [MOTHER], today))[MOTHER]
        (first, *_) = await records.mine(tx, who, 5)
        for days in (3, 5, 7, 80, 9):
            await follow_ups.add(
                tx,
                record_id=first.id,
                home_id=first.home_id,
                owner_id=who.person_id,
                due_on=today - timedelta(days=days),
                words=f"{days}",
            )
        ids = {one.words: one.id for one in await follow_ups.in_reach(tx, who, today - timedelta(days=99), today)}
        await follow_ups.done(tx, who, ids["3"], NOON, today - timedelta(days=3))
        await follow_ups.done(tx, who, ids["5"], NOON, today - timedelta(days=4))
        await tx.run(update(tables.follow_ups).where(tables.follow_ups.c.id == ids["7"]).values(done_at=NOON))
    found = await standings(any_district, MOTHER, "follow_up", today - timedelta(days=99), today)
    assert [(today - day).days for day, _ in found] == [80, 9, 7, 5, 3]
    assert [standing for _, standing in found] == [
        Standing.MISSED,
        Standing.OPEN,
        Standing.VOID,
        Standing.LATE,
        Standing.MET,
    ]


async def test_activities_end_on_time_late_or_missing_by_home(any_district: Stage) -> None:
    today = NOON.date()
    found = await standings(any_district, TEACHER, "activity", today - timedelta(days=60), today + timedelta(days=60))
    assert [standing for _, standing in found].count(Standing.OPEN) == 1
    assert [standing for _, standing in found if standing is not Standing.OPEN] == [Standing.MET]


FATES = (
    (State.ANSWERED, 1, Standing.MET),
    (State.ANSWERED, 23, Standing.LATE),
    (State.LATER, 21, Standing.MET),
    (State.MISSED, None, Standing.MISSED),
    (State.NOT_ASKED, None, Standing.VOID),
    (State.LISTED, None, Standing.OPEN),
)
"""State, hours until it was answered, and how that stands: late from the moment on which the teacher is told."""


async def test_check_ins_end_on_time_late_missing_or_void(any_district: Stage) -> None:
    """What a family says of its own accord, on another day, was not owed."""
    tuesday = NOON.date() - timedelta(days=7)
    async with any_district.database.transaction() as tx:
        who = (await people.actors(tx, [TEACHER], NOON.date()))[TEACHER]
        child = await children.find_code(tx, who, Action.SEE_CHILD, "0601")
        assert child is not None
        await check_ins.begin(tx, [New(child.id, child.home_id, tuesday, State.ASKED)])
        for back, (state, after, _) in enumerate(FATES):
            asked = NOON - timedelta(days=3 + 7 * back)
            await check_ins.begin(tx, [New(child.id, child.home_id, asked.date(), state, asked_at=asked)])
            done = {"answered_at": asked + timedelta(hours=after) if after else None}
            await tx.run(update(tables.check_ins).where(tables.check_ins.c.day == asked.date()).values(done))
    found = await standings(any_district, COORDINATOR, "check_in", NOON.date() - timedelta(days=60), NOON.date())
    assert sorted(stands for _, stands in found) == sorted(stands for _, _, stands in FATES)
    assert all(day.weekday() == 5 for day, stands in found if stands is not Standing.OPEN)


async def test_worries_end_on_time_or_late(any_district: Stage) -> None:
    """Taken on before anybody further up hears of it; a misunderstanding was not owed, and few eyes see no figure."""
    minute, day = timedelta(minutes=1), timedelta(days=1)
    async with any_district.database.transaction() as tx:
        who = (await people.actors(tx, [TEACHER], NOON.date()))[TEACHER]
        child = await children.find_code(tx, who, Action.SEE_CHILD, "0601")
        assert child is not None

        async def raised(level: Gravity, lane: Lane = Lane.OPEN) -> str:
            about = {"child_ids": [child.id], "home_id": child.home_id, "level": level, "lane": lane}
            by = {"source": ("hand", ""), "by": who.person_id, "now": NOON, "next_at": NOON + day}
            return await concerns.open_one(tx, **about, **by)

        await concerns.take(tx, await raised(Gravity.URGENT), who.person_id, NOON + 29 * minute)
        await concerns.take(tx, await raised(Gravity.URGENT), who.person_id, NOON + 31 * minute)
        await concerns.take(tx, await raised(Gravity.WATCH), who.person_id, NOON + 6 * day)
        await concerns.close(tx, await raised(Gravity.URGENT), Closing.SOLVED.value, who.person_id, NOON + day)
        await concerns.close(tx, await raised(Gravity.URGENT), Closing.MISTAKEN.value, who.person_id, NOON + day)
        await raised(Gravity.URGENT)
        await raised(Gravity.URGENT, Lane.QUIET)
    found = await standings(any_district, COORDINATOR, "concern", NOON.date(), NOON.date())
    wanted = (Standing.MET, Standing.LATE, Standing.MET, Standing.LATE, Standing.VOID, Standing.OPEN)
    assert sorted(stands for _, stands in found) == sorted(wanted)


async def test_an_answer_within_the_first_minute_counts(district: Stage) -> None:
    """Before it was seen that the question went out."""
    grandmother, teacher = district.chat("guardian"), district.chat("teacher")
    await grandmother.start()
    await district.app.clockwork.tick()
    await district.turn(days=3, hours=22, step=LONG)
    await grandmother.tap("👍")
    await district.turn(minutes=5, step=1)
    await teacher.say("/report")
    assert "问31次，回了1次" in teacher.heard
    await teacher.say("/overview")
    assert "报平安：✅1 ⏳30" in teacher.heard
