"""/talk: what a teacher types leaves the chat as soon as it is in the sealed draft."""

from __future__ import annotations

from care.records.talk import Talk
from tests.flows.test_visit import newest
from tests.stage import Chat, Stage

SECRET = "他说夜里常常睡不着，想爸爸。" * 3


async def begun(teacher: Chat, name: str = "小禾") -> None:
    await teacher.say("/talk")
    await teacher.say(name)
    await teacher.tap("选好了" if any("选好了" in label for label in teacher.buttons) else "✅")
    await teacher.tap("每月")
    await teacher.tap("情绪")
    await teacher.tap("✅")


async def test_typed_words_are_deleted_and_shown_as_a_length(any_district: Stage) -> None:
    teacher = any_district.chat("teacher")
    await begun(teacher)
    said = await teacher.say(SECRET)
    assert SECRET not in teacher.own
    assert SECRET[:8] not in teacher.everything
    assert str(len(SECRET)) in said
    await teacher.tap("保存")
    saved = await newest(any_district, teacher)
    assert isinstance(saved.body, Talk)
    assert saved.body.said == SECRET
    assert [child.short_name for child in saved.about] == ["小禾"]
    await teacher.say("/mine")
    await teacher.tap("1")
    assert SECRET[:8] not in teacher.everything


async def test_a_child_is_found_by_typing_among_many(district: Stage) -> None:
    teacher = district.chat("teacher")
    await teacher.say("/talk")
    assert len([key for key in teacher.data if "|children|+" in key]) == 8
    await teacher.say("0617")
    assert any("0617" in label and "☑" in label for label in teacher.buttons)


async def test_pages_turn(district: Stage) -> None:
    teacher = district.chat("teacher")
    await teacher.say("/talk")
    first = set(teacher.data)
    await teacher.tap("▶")
    assert first != set(teacher.data)
    assert "2/4" in " ".join(teacher.buttons)


async def test_stray_words_in_a_talk_leave_the_chat_too(district: Stage) -> None:
    teacher = district.chat("teacher")
    await teacher.say("/talk")
    await teacher.say("小禾")
    await teacher.tap("✅")
    await teacher.say("她哭了很久，说妈妈答应回来又没有回来。")
    assert not any("哭了很久" in own for own in teacher.own)
    await teacher.tap("每月")
    await teacher.tap("情绪")
    await teacher.tap("✅")
    await teacher.tap("保存")
    saved = await newest(district, teacher)
    assert isinstance(saved.body, Talk)
    assert "哭了很久" in (saved.body.said or "")


async def test_ten_thousand_characters_are_stored_whole(district: Stage) -> None:
    teacher = district.chat("teacher")
    await begun(teacher)
    long = "".join(f"第{n}句话。" for n in range(1800))[:10_000]
    await teacher.say(long)
    await teacher.tap("保存")
    saved = await newest(district, teacher)
    assert isinstance(saved.body, Talk)
    assert saved.body.said == long


async def test_yes_and_no_can_be_typed(district: Stage) -> None:
    teacher = district.chat("teacher")
    await begun(teacher)
    await teacher.say("跳过")
    await teacher.tap("更多")
    await teacher.tap("告诉家里" if any("告诉家里" in label for label in teacher.buttons) else "家")
    await teacher.say("是")
    await teacher.tap("保存")
    saved = await newest(district, teacher)
    assert isinstance(saved.body, Talk)
    assert saved.body.family_informed is True


async def test_a_childs_name_stays_in_the_chat(district: Stage) -> None:
    teacher = district.chat("teacher")
    await teacher.say("/talk")
    await teacher.say("小禾")
    assert "小禾" in teacher.own


async def test_a_picture_sent_about_what_was_said_leaves_the_chat(district: Stage, picture: bytes) -> None:
    teacher = district.chat("teacher")
    await begun(teacher)
    before = len(teacher.own)
    await teacher.photo(picture)
    assert len(teacher.own) == before
    await teacher.tap("不用写了")
    await teacher.photo(picture[:-1])
    await teacher.tap("保存")
    saved = await newest(district, teacher)
    assert isinstance(saved.body, Talk)
    assert len(saved.body.media) == 2
    assert len(teacher.own) == before + 1


async def test_stray_words_too_long_for_the_note_leave_the_chat_all_the_same(district: Stage) -> None:
    teacher = district.chat("teacher")
    await teacher.say("/talk")
    await teacher.tap("▶")
    await teacher.say("说" * 4000)
    assert not any("说说说" in own for own in teacher.own)
