"""/activity: a teacher quick-reports what the home did together."""

from __future__ import annotations

from care.records.activity import Activity, ActivityKind, Partner
from tests.flows.test_visit import newest
from tests.stage import Stage


async def test_everybody_was_there(any_district: Stage) -> None:
    teacher = any_district.chat("teacher")
    await teacher.say("/activity")
    await teacher.tap("联欢")
    await teacher.tap("31")
    await teacher.tap("✅")
    await teacher.tap("保存")
    saved = await newest(any_district, teacher)
    assert isinstance(saved.body, Activity)
    assert (saved.body.what, saved.body.took_part) == (ActivityKind.GET_TOGETHER, 31)


async def test_only_a_number_and_the_rest_typed(district: Stage) -> None:
    teacher = district.chat("teacher")
    await teacher.say("/activity")
    await teacher.tap("传统节日")
    await teacher.tap("只记")
    await teacher.say("十六个")
    await teacher.tap("名称")
    await teacher.say("浓情端午")
    await teacher.tap("更多")
    await teacher.tap("环节")
    await teacher.say("认识艾草\n包粽子\n讲屈原的故事")
    await teacher.tap("更多")
    await teacher.tap("伙伴" if any("伙伴" in label for label in teacher.buttons) else "一起")
    await teacher.say("妇联、消防队")
    await teacher.tap("✅")
    await teacher.tap("保存")
    saved = await newest(district, teacher)
    assert isinstance(saved.body, Activity)
    assert saved.body.head_count == 16
    assert saved.body.name == "浓情端午"
    assert saved.body.parts == ("认识艾草", "包粽子", "讲屈原的故事")
    assert saved.body.partners == (Partner.WOMENS_FEDERATION, Partner.FIRE_BRIGADE)


async def test_a_photo_where_a_number_is_asked_is_kept_and_the_question_stands(district: Stage, picture: bytes) -> None:
    teacher = district.chat("teacher")
    await teacher.say("/activity")
    await teacher.tap("健康" if any("健康" in label for label in teacher.buttons) else "卫生")
    await teacher.tap("只记")
    await teacher.photo(picture)
    assert any("|head_count|" in key for key in teacher.data)
    await teacher.say("12")
    await teacher.tap("保存")
    saved = await newest(district, teacher)
    assert isinstance(saved.body, Activity)
    assert (len(saved.body.media), saved.body.head_count) == (1, 12)


async def test_a_number_that_cannot_be_is_asked_again(district: Stage) -> None:
    teacher = district.chat("teacher")
    await teacher.say("/activity")
    await teacher.say("会议")
    await teacher.tap("只记")
    for typed in ("很多", "99999", "-3"):
        await teacher.say(typed)
        assert any("|head_count|" in key for key in teacher.data), (typed, teacher.heard)


async def test_a_photo_without_a_conversation_is_kept_and_asked_about(district: Stage, picture: bytes) -> None:
    teacher = district.chat("teacher")
    await teacher.photo(picture, caption="六一联欢")
    await teacher.tap("活动")
    await teacher.tap("联欢")
    await teacher.tap("31")
    await teacher.tap("✅")
    await teacher.tap("保存")
    saved = await newest(district, teacher)
    assert isinstance(saved.body, Activity)
    assert len(saved.body.media) == 1
