"""/visit from the phone: what a love mother does, and what the coordinator sees."""

from __future__ import annotations

from care.records.contact_entry import ContactEntry, How, Mood
from care.records.fields import Level
from storage import people, records
from tests.flows.families import QUARTER
from tests.stage import NOON, Chat, Stage, keyboard_of

MANY = 730005
"""The love mother with three children, who reads English."""
TODAY = NOON.date()


async def newest(stage: Stage, chat: Chat) -> records.Saved:
    async with stage.database.reading() as tx:
        actor = (await people.actors(tx, [chat.user], TODAY))[chat.user]
        return (await records.mine(tx, actor, 1))[0]


async def count(stage: Stage, chat: Chat) -> int:
    async with stage.database.reading() as tx:
        actor = (await people.actors(tx, [chat.user], TODAY))[chat.user]
        return len(await records.mine(tx, actor, 500))


async def entry(stage: Stage, chat: Chat) -> ContactEntry:
    body = (await newest(stage, chat)).body
    assert isinstance(body, ContactEntry)
    return body


async def test_a_plain_visit_takes_three_taps_after_the_command(any_district: Stage) -> None:
    mother = any_district.chat("volunteer")
    before = await count(any_district, mother)
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    said = await mother.tap("保存")
    assert "#" in said
    assert mother.taps == 3
    assert await count(any_district, mother) == before + 1
    saved = await entry(any_district, mother)
    assert (saved.how, saved.mood, saved.on) == (How.FAMILY_VISIT, Mood.CHEERFUL, TODAY)


async def test_with_several_children_one_tap_more_and_never_more_than_five(district: Stage) -> None:
    mother = district.chat(MANY)
    await mother.say("/visit")
    assert len([key for key in mother.data if "|child|=" in key]) == 3
    first = mother.buttons[0]
    await mother.tap(first)
    await mother.tap("phone call")
    await mother.tap("fine")
    await mother.tap("Save")
    assert mother.taps + 1 == 5
    assert (await entry(district, mother)).how is How.PHONE


async def test_the_coordinators_board_moves_when_an_entry_arrives(district: Stage) -> None:
    coordinator, mother = district.chat("coordinator"), district.chat("volunteer")
    await coordinator.say("/recent")
    board, bubbles = coordinator.heard, len(coordinator.bubbles)
    await mother.say("/visit")
    await mother.tap("📞")
    await mother.tap("🙂")
    await mother.tap("保存")
    await district.settle()
    assert coordinator.heard != board
    assert "小禾" in next(line for line in coordinator.heard.splitlines() if line.startswith("1."))
    assert len(coordinator.bubbles) == bubbles


async def test_an_urgent_worry_reaches_teacher_lead_and_coordinator_at_once(district: Stage) -> None:
    for role in ("teacher", "home_lead", "coordinator"):
        await district.chat(role).start()
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😢")
    await mother.tap("担心")
    await mother.tap("紧急")
    await mother.say("孩子身上有伤，不肯说怎么来的。")
    await mother.tap("保存")
    await district.settle()
    for role in ("teacher", "home_lead", "coordinator"):
        told = district.chat(role)
        assert "🔴" in told.heard
        assert "小禾" in told.heard
        assert "有伤" not in told.heard
        await told.tap("打开")
        assert "有伤" in told.heard
    assert (await entry(district, mother)).concern is Level.URGENT


async def test_everything_can_be_typed_in_either_language(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.say("家访")
    await mother.say("cheerful")
    await mother.say("保存")
    saved = await entry(district, mother)
    assert (saved.how, saved.mood) == (How.FAMILY_VISIT, Mood.CHEERFUL)


async def test_a_typed_day_is_echoed_with_its_weekday(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("改一改")
    await mother.tap("日期")
    said = await mother.say("上周三")
    assert "11月18日 周三" in said
    await mother.tap("保存")
    assert (await entry(district, mother)).on.isoformat() == "2026-11-18"


async def test_the_31st_of_february_and_tomorrow_are_asked_again(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("改一改")
    await mother.tap("日期")
    for typed in ("2月31日", "明天"):
        await mother.say(typed)
        assert any("|on|" in key for key in mother.data), mother.heard
    await mother.tap("昨天")
    await mother.tap("保存")
    assert (await entry(district, mother)).on.isoformat() == "2026-11-23"


async def test_the_calendar_leafs_back_and_offers_no_day_to_come(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("改一改")
    await mother.tap("日期")
    await mother.tap("📅")
    assert not any("=2026-11-25" in key for key in mother.data)
    await mother.tap("◀")
    assert any("=2026-10-31" in key for key in mother.data)
    await mother.tap("31")
    await mother.tap("保存")
    assert (await entry(district, mother)).on.isoformat() == "2026-10-31"


async def test_back_returns_to_the_question_before(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("上一步")
    await mother.tap("📞")
    await mother.tap("😄")
    await mother.tap("保存")
    assert (await entry(district, mother)).how is How.PHONE


async def test_any_answer_can_be_changed_on_the_review_card(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("改一改")
    await mother.tap("情绪")
    await mother.tap("😐")
    await mother.tap("保存")
    assert (await entry(district, mother)).mood is Mood.SO_SO


async def test_words_on_the_review_card_become_the_note(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.say("今天一起包了饺子。")
    await mother.say("奶奶腿好多了。")
    await mother.tap("保存")
    assert (await entry(district, mother)).note == "今天一起包了饺子。\n奶奶腿好多了。"


async def test_words_at_a_question_of_choice_are_kept_and_the_question_stands(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.say("她今天一直没怎么说话，我也说不好是什么原因")
    assert any("|mood|" in key for key in mother.data)
    await mother.tap("🙁")
    await mother.tap("保存")
    assert "没怎么说话" in ((await entry(district, mother)).note or "")


async def test_an_attempt_in_vain_is_one_tap_like_any_other(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("📞")
    await mother.tap("🚪")
    await mother.tap("保存")
    assert not (await entry(district, mother)).made


async def test_an_album_becomes_photos_of_one_record_with_one_card_below(district: Stage, picture: bytes) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    bubbles = len(mother.bubbles)
    await mother.photo(*(picture + bytes([n]) for n in range(5)))
    assert len(mother.bubbles) - bubbles <= 2
    await mother.tap("保存")
    assert len((await entry(district, mother)).media) == 5


async def test_a_voice_note_fits_anywhere(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    district.world.voice(mother.user, b"OggS", 7)
    await district.settle()
    assert any("|how|" in key for key in mother.data)
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("保存")
    assert [media.seconds for media in (await entry(district, mother)).media] == [7]


async def test_a_follow_up_asks_by_when(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("更多")
    await mother.tap("答应")
    await mother.say("带一双棉鞋来")
    await mother.say("下周六")
    await mother.tap("保存")
    saved = await entry(district, mother)
    assert (saved.follow_up, str(saved.follow_up_by)) == ("带一双棉鞋来", "2026-12-05")


async def test_who_hears_of_an_urgent_worry_finds_the_child_and_the_authors_phone(district: Stage) -> None:
    mother, lead = district.chat("volunteer"), district.chat("home_lead")
    await lead.start()
    for word in ("/visit", "家访", "低落"):
        await mother.say(word)
    await mother.tap("担心")
    await mother.tap("🔴")
    await mother.tap("保存") if "保存" in str(mother.buttons) else await mother.say("跳过")
    await mother.say("保存")
    await lead.tap("打开")
    assert "📞 苗春禾 +86 138" in lead.heard
    await lead.press("s|child|")
    assert "近郊小学" in lead.heard
    await mother.say("/mine")
    await mother.press("mine|open")
    assert "📞" not in mother.heard


async def test_the_offer_takes_the_place_of_the_reminder(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await district.turn(hours=30, step=QUARTER)
    reminder = mother.bubbles[-1]
    assert keyboard_of(reminder)
    await district.turn(days=5, step=QUARTER)
    assert keyboard_of(reminder) == []
    assert keyboard_of(mother.bubbles[-1])


async def test_few_grown_ups_are_counted_by_ones(district: Stage) -> None:
    teacher = district.chat("teacher")
    for word in ("/activity", "会议"):
        await teacher.say(word)
    await teacher.press("|children|all")
    await teacher.press("|children|ok")
    await teacher.tap("更多")
    await teacher.press("|volunteers|open")
    assert teacher.buttons[:8] == list("12345678")
