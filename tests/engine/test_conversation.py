"""What the engine does in every flow: stop, go on, resume, several at once, old buttons, edits, drafts."""

from __future__ import annotations

from tests.flows.families import QUARTER, apart_from_check_ins
from tests.flows.test_visit import count, entry
from tests.stage import Stage


async def test_cancel_and_go_on_after_all(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.say("取消")
    await mother.tap("↩")
    await mother.tap("😄")
    await mother.tap("保存")
    assert (await entry(district, mother)).how.value == "family_visit"


async def test_a_restart_in_the_middle_changes_nothing(any_district: Stage) -> None:
    mother = any_district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await any_district.restart()
    await mother.tap("😄")
    await mother.tap("保存")
    assert (await entry(any_district, mother)).mood.value == "cheerful"


async def test_a_draft_is_remembered_in_the_morning_offered_later_and_let_go_after_a_week(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    bubbles = apart_from_check_ins(mother)
    await district.turn(hours=16, step=QUARTER)
    assert apart_from_check_ins(mother) == bubbles
    await district.turn(hours=6, step=60)
    assert apart_from_check_ins(mother) == bubbles + 1
    await district.turn(days=3, step=QUARTER)
    assert apart_from_check_ins(mother) == bubbles + 1
    await district.turn(days=1, hours=6, step=QUARTER)
    assert apart_from_check_ins(mother) == bubbles + 2
    await district.turn(days=3, step=QUARTER)
    before = await count(district, mother)
    await mother.tap("▶")
    assert await count(district, mother) == before
    assert not any("|mood|" in key for key in mother.data)


async def test_a_complete_draft_can_be_stored_from_the_offer(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    before = await count(district, mother)
    await district.turn(days=5, hours=22, step=QUARTER)
    await mother.tap("✅")
    assert await count(district, mother) == before + 1


async def test_resume_after_days_with_the_old_buttons(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await district.turn(days=4, step=QUARTER)
    await mother.tap("😄")
    await mother.tap("保存")
    assert str((await entry(district, mother)).on) == "2026-11-24"


async def test_beginning_again_offers_the_unfinished_one(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.say("/visit")
    await mother.tap("▶")
    assert any("|mood|" in key for key in mother.data)


async def test_two_conversations_in_one_chat_do_not_mix(district: Stage) -> None:
    lead = district.chat("home_lead")
    await lead.say("/talk")
    await lead.say("小禾")
    await lead.say("/activity")
    await lead.tap("联欢")
    await lead.say("小禾")
    assert [label for label in lead.buttons if "☑" in label]
    await lead.tap("✅")
    await lead.tap("保存")
    assert "▶" in " ".join(lead.buttons)
    await lead.tap("▶")
    assert any("|children|" in key for key in lead.data)


async def test_a_reply_goes_to_the_conversation_replied_to(district: Stage) -> None:
    lead = district.chat("home_lead")
    await lead.say("/talk")
    talk = lead.bubbles[-1].message_id
    await lead.say("/activity")
    await lead.say("0605", reply_to=talk)
    assert any("|children|-" in key for key in lead.data)


async def test_an_old_button_is_never_an_answer_to_another_question(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    old = mother.bubbles[-1].message_id
    letter = next(key for key in mother.data if "letter" in key)
    await mother.tap("🏠")
    await mother.tap_data(letter, old)
    assert any("|mood|" in key for key in mother.data)
    await mother.tap("😄")
    await mother.tap("保存")
    assert (await entry(district, mother)).how.value == "family_visit"


async def test_the_same_tap_twice_is_silence(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    card = mother.bubbles[-1].message_id
    visit = next(key for key in mother.data if "family_visit" in key)
    await mother.tap_data(visit, card)
    bubbles = len(mother.bubbles)
    await mother.tap_data(visit, card)
    assert len(mother.bubbles) == bubbles
    assert any("|mood|" in key for key in mother.data)


async def test_saving_twice_stores_once(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    before = await count(district, mother)
    save, card = next(key for key in mother.data if key.endswith("|save")), mother.bubbles[-1].message_id
    await mother.tap_data(save, card)
    await mother.tap_data(save, card)
    assert await count(district, mother) == before + 1


async def test_an_edited_message_changes_the_words_and_makes_no_second_entry(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    own = district.world.say(mother.user, "昨晚下雪了")
    await district.settle()
    district.world.edit(mother.user, own, "昨晚下雨了")
    await district.settle()
    before = await count(district, mother)
    await mother.tap("保存")
    assert (await entry(district, mother)).note == "昨晚下雨了"
    assert await count(district, mother) == before + 1


async def test_help_in_the_middle_keeps_the_place(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.say("/help")
    assert any("|mood|" in key for key in mother.data)


async def test_words_without_a_conversation_are_kept_and_asked_about(district: Stage) -> None:
    mother = district.chat("volunteer")
    await mother.say("今天去看了小禾，奶奶不在家。")
    await mother.tap("联系")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("保存")
    assert (await entry(district, mother)).note == "今天去看了小禾，奶奶不在家。"
