"""A coordinator reads the calendar and sets days in it."""

from __future__ import annotations

from datetime import date

from care.calendar import Calendar, DayKind
from storage import audit, calendar
from tests.stage import Chat, Stage

COORDINATOR = "coordinator"


async def now(stage: Stage) -> Calendar:
    async with stage.database.reading() as tx:
        return await calendar.load(tx)


async def english(stage: Stage) -> Chat:
    chat = stage.chat(COORDINATOR)
    await chat.start()
    await chat.say("/language")
    await chat.tap("English")
    return chat


async def test_the_page_tells_the_weeks_to_come_in_both_languages(district: Stage) -> None:
    chinese = await district.chat(COORDINATOR).say("/calendar")
    assert "今天：上学日" in chinese
    assert "12月（11月23日到12月22日）" in chinese
    assert "2027年的放假安排还没有公布" in chinese
    told = await (await english(district)).say("/calendar")
    assert "Term until Fri 22 Jan 2027" in told
    assert "Next check-ins: 28 November, 5 December and 12 December" in told
    assert "Report for December (from 23 November to 22 December): due Tue 22 Dec" in told
    assert "The holidays of 2027 are not announced yet" in told


async def test_a_day_off_with_its_name_by_taps_and_words(any_district: Stage) -> None:
    chat = await english(any_district)
    await chat.say("/calendar")
    await chat.tap("no school")
    assert "first day" in chat.heard
    await chat.say("11.27")
    await chat.tap("That day only")
    await chat.tap("Occasion")
    await chat.say("大雪停课")
    await chat.tap("Save")
    assert "The next check-in is on Fri 27 Nov" in chat.heard
    found = await now(any_district)
    assert found.kind_of(date(2026, 11, 27)) is DayKind.FREE_DAY
    await chat.tap("See the calendar")
    assert "Fri 27 Nov to Sun 29 Nov: 大雪停课" in chat.heard
    assert "• Fri 27 Nov: no school (大雪停课)" in chat.heard


async def test_a_vacation_is_set_by_typed_days_and_taken_out_again(district: Stage) -> None:
    chat = district.chat(COORDINATOR)
    await chat.say("/calendar")
    await chat.tap("放假")
    await chat.say("2027-1-16")
    await chat.say("2月14日")
    await chat.tap("保存")
    assert (await now(district)).winter(2027).last == date(2027, 2, 14)
    await chat.tap("看校历")
    assert "2027年1月16日" in chat.heard
    await chat.tap("撤掉一条")
    await chat.tap("2027年1月16日")
    await chat.tap("对，撤掉")
    assert "撤掉了" in chat.heard
    assert (await now(district)).winter(2027) == Calendar().winter(2027)
    async with district.database.reading() as tx:
        noted = [line for line in await audit.latest(tx, 20) if line.action == "calendar.edit"]
    assert len(noted) == 2


async def test_a_school_day_by_tapping_the_month(district: Stage) -> None:
    chat = await english(district)
    await chat.say("/calendar")
    await chat.tap("school day")
    await chat.tap("another day")
    await chat.press("=2026-11-29")
    await chat.tap("That day only")
    await chat.tap("Save")
    assert (await now(district)).kind_of(date(2026, 11, 29)) is DayKind.MAKE_UP


async def test_days_in_disorder_are_not_taken_and_can_be_changed(district: Stage) -> None:
    chat = await english(district)
    await chat.say("/calendar")
    await chat.tap("vacation")
    await chat.say("2027-2-20")
    await chat.say("2027-1-20")
    await chat.tap("Save")
    assert "The last day lies before the first" in chat.heard
    await chat.tap("Change")
    await chat.tap("Last day")
    await chat.say("2027-2-28")
    await chat.tap("Save")
    assert (await now(district)).winter(2027).last == date(2027, 2, 28)


async def test_a_term_of_a_day_and_a_day_far_away_are_refused(district: Stage) -> None:
    chat = await english(district)
    await chat.say("/calendar")
    await chat.tap("term")
    assert "too far ahead" in await chat.say("2029-1-1")
    assert "too long ago" in await chat.say("2026-1-1")
    assert "could not make out which day" in await chat.say("when it snows")
    await chat.say("2027-2-24")
    await chat.tap("That day only")
    await chat.tap("Save")
    assert "some months apart" in chat.heard
    assert (await now(district)).overrides == ()


async def test_the_same_removal_twice_is_told_kindly(district: Stage) -> None:
    chat = await english(district)
    await chat.say("/calendar")
    await chat.tap("no school")
    await chat.say("tomorrow")
    await chat.tap("That day only")
    await chat.tap("Save")
    await chat.tap("Take it out again")
    assert "Taken out" in chat.heard
    async with district.database.reading() as tx:
        [ended, *_] = [line for line in await audit.latest(tx, 20) if line.action == "calendar.edit"]
    assert "not in the calendar any more" in await chat.tap_data(f"b|calendar|end!|{ended.object_id}")


async def test_nobody_else_reads_or_changes_it(district: Stage) -> None:
    for role in ("teacher", "volunteer", "guardian", "home_lead"):
        chat = district.chat(role)
        await chat.start()
        await chat.say("/calendar")
        assert not any("calendar" in data for data in chat.data)
        await chat.tap_data("s|calendar_day|free_day")
        await chat.tap_data("b|calendar|list")
        assert not any("calendar" in data for data in chat.data)


async def test_the_last_day_is_looked_for_from_the_first_one_on(district: Stage) -> None:
    coordinator = district.chat("coordinator")
    await coordinator.say("/calendar")
    await coordinator.press("calendar_day|vacation")
    await coordinator.say("12月4日")
    assert coordinator.buttons[:4] == ["12月5日 周六", "12月7日 周一", "12月11日 周五", "12月18日 周五"]
    await coordinator.press("last|m")
    assert "last|m2027-01" in "".join(coordinator.data)
