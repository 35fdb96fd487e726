"""Nothing is overwritten: take back, correct, move to another child, edit the message."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text

from care.records.contact_entry import ContactEntry, Mood
from tests.flows.test_visit import MANY, count, entry, newest
from tests.stage import Chat, Stage


async def logged(mother: Chat, mood: str = "😄") -> None:
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap(mood)
    await mother.tap("保存")


async def last_contact(stage: Stage) -> date | None:
    async with stage.database.reading() as tx:
        found = await tx.row(
            text(
                "SELECT last_contact_on FROM pairings JOIN people ON people.id = person_id "
                "WHERE people.code = 'V001' AND ended_at IS NULL"
            )
        )
        return date.fromisoformat(str(found[0])) if found and found[0] else None


async def test_taken_back_within_ten_minutes_it_counts_no_more(any_district: Stage) -> None:
    mother = any_district.chat("volunteer")
    before, contact = await count(any_district, mother), await last_contact(any_district)
    await logged(mother)
    assert await last_contact(any_district) == date(2026, 11, 24)
    await mother.tap("↩")
    assert await count(any_district, mother) == before
    assert await last_contact(any_district) == contact
    await mother.tap("✏️")
    await mother.tap("保存")
    assert await count(any_district, mother) == before + 1


async def last_touch(stage: Stage) -> date:
    async with stage.database.reading() as tx:
        found = await tx.row(text("SELECT last_touch_on FROM children WHERE code = '0601'"))
        assert found is not None
        return date.fromisoformat(str(found[0]))


async def test_one_taken_back_leaves_no_attempt_for_a_meeting(district: Stage) -> None:
    mother = district.chat("volunteer")
    before = await last_touch(district)
    await logged(mother, "🚪")
    await logged(mother)
    assert await last_touch(district) == date(2026, 11, 24)
    await mother.tap("↩")
    assert await last_touch(district) == before < date(2026, 11, 24)


async def test_after_ten_minutes_it_can_only_be_corrected(district: Stage) -> None:
    mother = district.chat("volunteer")
    await logged(mother)
    before = await count(district, mother)
    undo, card = next(key for key in mother.data if "|undo|" in key), mother.bubbles[-1].message_id
    await district.turn(minutes=11)
    await mother.tap_data(undo, card)
    assert await count(district, mother) == before


async def test_a_correction_is_a_new_version_with_a_reason_and_a_history(any_district: Stage) -> None:
    mother = any_district.chat("volunteer")
    await logged(mother)
    first, before = await newest(any_district, mother), await count(any_district, mother)
    await any_district.turn(minutes=30)
    await mother.say("/mine")
    await mother.tap("1")
    await mother.tap("✏️")
    await mother.press("=wrong_answer")
    await mother.tap("改一改")
    await mother.tap("情绪")
    await mother.tap("🙁")
    await mother.tap("保存")
    second = await newest(any_district, mother)
    assert isinstance(second.body, ContactEntry)
    assert (second.version, second.supersedes, second.number) == (2, first.id, first.number)
    assert second.body.mood is Mood.LOW
    assert await count(any_district, mother) == before
    coordinator = any_district.chat("coordinator")
    await coordinator.say("/recent")
    await coordinator.tap("1")
    await coordinator.press("|history|")
    assert "😄" in coordinator.heard
    assert "🙁" in coordinator.heard


async def test_moved_to_another_child_leaves_a_trace(district: Stage) -> None:
    mother, coordinator = district.chat(MANY), district.chat("coordinator")
    await mother.say("/visit")
    right, wrong = mother.buttons[1], mother.buttons[0]
    await mother.tap(wrong)
    await mother.tap("phone call")
    await mother.tap("fine")
    await mother.tap("Save")
    number = (await newest(district, mother)).number
    await mother.say("/mine")
    await mother.tap("1")
    await mother.tap("Correct")
    await mother.tap("wrong child")
    await mother.tap("Change")
    await mother.tap("Child")
    await mother.tap(right)
    await mother.tap("Save")
    moved = await newest(district, mother)
    assert (moved.number, moved.version) == (number, 2)
    for label, mark in ((wrong, "↪"), (right, "")):
        await coordinator.say("/child")
        await coordinator.say(label.rpartition(" ")[2].strip("()（）"))
        latest = next(line for line in coordinator.heard.splitlines() if line.startswith("1."))
        assert ("↪" in latest) is bool(mark), coordinator.heard


async def test_those_who_were_told_are_told_again(district: Stage) -> None:
    teacher, mother = district.chat("teacher"), district.chat("volunteer")
    await teacher.start()
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😢")
    await mother.tap("担心")
    await mother.tap("紧急")
    await mother.press("concern_note|skip")
    await mother.tap("保存")
    await district.settle()
    told = len(teacher.bubbles)
    await mother.tap("↩")
    await district.settle()
    assert len(teacher.bubbles) == told + 1
    assert "苗春禾" in teacher.heard


async def test_editing_the_message_corrects_the_stored_words(any_district: Stage) -> None:
    mother = any_district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    own = any_district.world.say(mother.user, "一起做了饺子")
    await any_district.settle()
    await mother.tap("保存")
    before = await count(any_district, mother)
    for version, words in ((2, "一起包了饺子"), (3, "一起包了五十个饺子")):
        any_district.world.edit(mother.user, own, words)
        await any_district.settle()
        saved = await newest(any_district, mother)
        assert saved.version == version
        assert (await entry(any_district, mother)).note == words
    assert await count(any_district, mother) == before


async def test_an_older_version_cannot_be_corrected_again(district: Stage) -> None:
    mother = district.chat("volunteer")
    await logged(mother)
    await mother.say("/mine")
    await mother.tap("1")
    correct, page = next(key for key in mother.data if "|correct|" in key), mother.bubbles[-1].message_id
    await mother.tap("✏️")
    await mother.press("=wrong_answer")
    await mother.tap("保存")
    before = await newest(district, mother)
    await mother.tap_data(correct, page)
    assert (await newest(district, mother)).version == before.version == 2
    assert not any("|correction|" in key for key in mother.data)
