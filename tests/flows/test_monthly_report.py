"""The monthly report: three taps when the records are there; handed in, sent back, accepted; and who is reminded."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pypdfium2

from care.calendar import Period
from care.monthly_report import MonthlyReport, ReportState
from storage import info_items, jobs, reports
from storage.database import open_database
from storage.reports import Filed
from storage.vault import Vault
from tests.stage import KEY, Chat, Stage

CHINA = ZoneInfo("Asia/Shanghai")
DECEMBER = Period(2026, 12)
HOME = "近郊小学"


async def logged(stage: Stage, *kinds: str) -> None:
    """Activities of today, by the teacher."""
    teacher = stage.chat("teacher")
    for kind in kinds:
        await teacher.say("/activity")
        await teacher.tap(kind)
        await teacher.tap("31")
        await teacher.tap("✅")
        await teacher.tap("保存")


async def home_of(stage: Stage) -> str:
    async with stage.database.reading() as tx:
        return next(one.home_id for one in await reports.standings(tx, DECEMBER) if one.home_name == HOME)


async def report(stage: Stage) -> Filed:
    home = await home_of(stage)
    async with stage.database.reading() as tx:
        return await reports.filed(tx, home, DECEMBER)


async def jump(stage: Stage, month: int, day: int, hour: int, minute: int = 0, year: int = 2026) -> None:
    """To that hour of the district's time, as after an outage, then one tick."""
    stage.clock.forward(datetime(year, month, day, hour, minute, tzinfo=CHINA))
    await stage.app.clockwork.tick()
    await stage.settle()


async def morning(stage: Stage, month: int, day: int, *, hour: int = 9, year: int = 2026) -> None:
    """The hours from half past seven to that hour, minute by minute as far as it matters."""
    await jump(stage, month, day, 7, 30, year)
    for at in range(8, hour + 1):
        await jump(stage, month, day, at, 0, year)
        await jump(stage, month, day, at, 1, year)


def heard_since(chat: Chat, before: int) -> str:
    return "\n".join(str(post.payload.get("text") or "") for post in chat.bubbles[before:])


async def test_three_taps_when_the_records_are_there(any_district: Stage) -> None:
    lead = any_district.chat("home_lead")
    await logged(any_district, "联欢", "文体")
    await lead.say("/report")
    assert "信息稿：0条" in lead.heard
    assert "活动2次" in lead.heard
    await lead.tap("＋ 联欢")
    await lead.tap("＋ 文体")
    await lead.tap("交上去")
    assert lead.taps == 3
    assert "📨 已交" in lead.heard
    kept = await report(any_district)
    assert (kept.state, kept.submitted_by == kept.prepared_by) == (ReportState.SUBMITTED, True)
    assert kept.report
    assert [len(kept.report.items), len(kept.report.activities)] == [2, 2]
    assert kept.report.reviewed_by == "杨向阳"


async def test_from_the_teacher_to_the_coordinator_and_back(any_district: Stage, picture: bytes) -> None:
    teacher, lead, coordinator = (any_district.chat(role) for role in ("teacher", "home_lead", "coordinator"))
    await lead.start()
    await logged(any_district, "联欢")
    await teacher.say("/report")
    await teacher.tap("＋ 联欢")
    await teacher.tap("自己写")
    await teacher.say("剪窗花")
    await teacher.say("孩子们一起剪窗花。")
    await teacher.photo(picture, caption="窗花")
    await teacher.tap("保存")
    await teacher.tap("写各项")
    await teacher.tap("工作进展")
    await teacher.say("图书角建好了。")
    assert not any("交上去" in label for label in teacher.buttons)
    await teacher.tap("写好了")
    assert "林小雨写好了月报" in lead.heard
    await lead.tap("打开月报")
    await lead.tap("交上去")
    await coordinator.say("/report")
    await coordinator.tap("1")
    await coordinator.tap("纸质的收到了")
    await coordinator.tap("退回")
    await coordinator.say("请补一张照片")
    for who in (teacher, lead):
        assert "请补一张照片" in who.heard
    assert (await report(any_district)).state is ReportState.RETURNED
    await teacher.tap("打开月报")
    await teacher.tap("写各项")
    await teacher.tap("下月安排")
    await teacher.say("寒假安全教育。")
    await lead.say("/report")
    await lead.tap("交上去")
    await coordinator.say("/report")
    await coordinator.tap("6")
    await coordinator.tap("收下")
    assert "收下了" in lead.heard
    kept = await report(any_district)
    assert kept.state is ReportState.ACCEPTED
    assert kept.paper_at
    assert kept.report
    assert sorted(kept.report.sections.values()) == ["图书角建好了。", "寒假安全教育。"]
    assert kept.report.items[1].photo
    assert "图书角建好了。" in await lead.tap("看全文") or "图书角建好了。" in lead.everything


async def test_fewer_items_need_a_reason(district: Stage) -> None:
    lead = district.chat("home_lead")
    await lead.say("/report")
    await lead.tap("交上去")
    assert "为什么" in lead.heard
    assert (await report(district)).state is ReportState.DRAFT
    await lead.say("学校封闭，没有活动。")
    kept = await report(district)
    assert kept.state is ReportState.SUBMITTED
    assert kept.report
    assert kept.report.nil_reason == "学校封闭，没有活动。"


async def test_the_same_tap_twice_makes_one_item(district: Stage) -> None:
    lead = district.chat("home_lead")
    await logged(district, "联欢")
    await lead.say("/report")
    _, button = lead.find("＋ 联欢")
    await lead.tap_data(button["callback_data"])
    await lead.tap_data(button["callback_data"])
    home = await home_of(district)
    async with district.database.reading() as tx:
        assert len(await info_items.of(tx, home, DECEMBER)) == 1


async def test_what_was_handed_in_is_closed_until_it_is_taken_back(district: Stage) -> None:
    lead, teacher = district.chat("home_lead"), district.chat("teacher")
    await logged(district, "联欢")
    await teacher.say("/report")
    _, add = teacher.find("＋ 联欢")
    await lead.say("/report")
    await lead.tap("交上去")
    await lead.say("没有别的")
    await teacher.tap_data(add["callback_data"])
    assert "已经交了" in teacher.heard
    assert not any("＋" in label for label in lead.buttons)
    await lead.tap("收回")
    assert (await report(district)).state is ReportState.READY
    assert (await report(district)).first_submitted_on is None
    await teacher.tap_data(add["callback_data"])
    assert "信息稿：1条" in teacher.heard


async def test_others_do_not_reach_it(district: Stage) -> None:
    lead, mother, guardian, coordinator = (
        district.chat(role) for role in ("home_lead", "volunteer", "guardian", "coordinator")
    )
    await lead.say("/report")
    _, submit = lead.find("交上去")
    _, full = lead.find("看全文")
    for stranger in (mother, guardian):
        await stranger.start()
        for data in (
            submit["callback_data"],
            full["callback_data"],
            full["callback_data"].replace("full", "pdf") + "|en",
        ):
            await stranger.tap_data(data)
            assert HOME not in stranger.heard
    await coordinator.say("/report")
    await coordinator.tap_data(submit["callback_data"])
    assert (await report(district)).state is ReportState.DRAFT
    for data in ("b|report|list|2027-05", "b|report|list|x", "b|report|open|x|2026-12", "b|report|item|nothing"):
        await coordinator.tap_data(data)
    assert not any("2027" in str(post.payload.get("text")) for post in coordinator.bubbles)


async def test_it_comes_as_a_page_in_both_languages(district: Stage, picture: bytes) -> None:
    teacher = district.chat("teacher")
    await teacher.say("/report")
    await teacher.tap("自己写")
    await teacher.say("剪窗花")
    await teacher.say("孩子们一起剪窗花。")
    await teacher.photo(picture)
    await teacher.tap("保存")
    for label, title in (("打印版 中文", "建设与管理工作月报"), ("打印版 English", "Monthly Report")):
        await teacher.tap(label)
        sent = teacher.bubbles[-1].payload["document"]
        assert (sent["file_name"], sent["mime_type"]) == (f"{HOME} 2026-12.pdf", "application/pdf")
        page = pypdfium2.PdfDocument(district.world.files.find(sent["file_id"]).data)
        assert len(page) == 1
        assert title in page[0].get_textpage().get_text_bounded()
        page.close()


async def test_a_page_asked_for_before_a_restart_still_comes(district: Stage) -> None:
    teacher = district.chat("teacher")
    await teacher.say("/report")
    before = len(teacher.bubbles)
    body = MonthlyReport(home_id=await home_of(district), home_name=HOME, period_key=DECEMBER.key)
    asked = {"report": body.model_dump(mode="json"), "language": "en", "chat_id": teacher.user, "person_id": ""}
    await district.down()
    database = open_database(district.settings.database, Vault(KEY))
    async with database.transaction() as tx:
        await jobs.ask(tx, "monthly_report", asked, district.clock.now())
    await database.close()
    await district.up()
    await district.settle()
    assert len(teacher.bubbles) == before + 1
    assert "document" in teacher.bubbles[-1].payload


# --- who is reminded


async def test_the_ladder(any_district: Stage) -> None:
    teacher, lead, coordinator = (any_district.chat(role) for role in ("teacher", "home_lead", "coordinator"))
    for who in (teacher, lead, coordinator):
        await who.start()
    await morning(any_district, 12, 15)
    assert "信息稿现在有0条" in teacher.everything
    assert "月报" not in lead.everything
    marks = {id(who): len(who.bubbles) for who in (teacher, lead, coordinator)}
    await morning(any_district, 12, 18)  # the 19th is a Saturday
    for who in (teacher, lead):
        assert "12月的月报，12月22日 周二要交。还差2条信息稿。" in heard_since(who, marks[id(who)])
    marks = {id(who): len(who.bubbles) for who in (teacher, lead, coordinator)}
    await morning(any_district, 12, 19)
    assert "月报" not in heard_since(lead, marks[id(lead)])
    await morning(any_district, 12, 21)
    await morning(any_district, 12, 22)
    assert heard_since(lead, marks[id(lead)]).count("还差2条") == 2
    marks = {id(who): len(who.bubbles) for who in (teacher, lead, coordinator)}
    await morning(any_district, 12, 23)
    assert "12月22日 周二就该交了" in heard_since(lead, marks[id(lead)])
    assert "月报" not in heard_since(teacher, marks[id(teacher)])
    assert "和另外14个儿童之家还没交" in heard_since(coordinator, marks[id(coordinator)])
    await lead.say("/report")
    await lead.tap("◀ 12月")
    await lead.tap("交上去")
    await lead.say("没有活动")
    assert (await report(any_district)).first_submitted_on == date(2026, 12, 23)
    before = len(lead.bubbles)
    await morning(any_district, 12, 24)
    assert "月报" not in heard_since(lead, before)


async def test_who_has_handed_in_hears_nothing_and_one_tap_opens_it(district: Stage) -> None:
    lead, teacher = district.chat("home_lead"), district.chat("teacher")
    await lead.start()
    await teacher.start()
    await morning(district, 12, 18)
    await lead.tap("打开月报")
    assert f"{HOME}，2026年12月" in lead.heard
    await lead.tap("交上去")
    await lead.say("没有活动")
    before = len(lead.bubbles), len(teacher.bubbles)
    for day in (21, 22, 23, 24):
        await morning(district, 12, day)
    assert "月报" not in heard_since(lead, before[0])
    assert "月报" not in heard_since(teacher, before[1])


async def test_what_was_sent_back_is_not_asked_for_at_moments_when_it_was_handed_in(any_district: Stage) -> None:
    lead, teacher, coordinator = (any_district.chat(role) for role in ("home_lead", "teacher", "coordinator"))
    await teacher.start()
    await lead.say("/report")
    await lead.tap("交上去")
    await lead.say("没有活动")
    await morning(any_district, 12, 18)
    await coordinator.say("/report")
    await coordinator.tap("1")
    await coordinator.tap("退回")
    await coordinator.say("请补一张照片")
    before = len(lead.bubbles), len(teacher.bubbles)
    await jump(any_district, 12, 19, 3, 1)
    await morning(any_district, 12, 19)
    assert "要交" not in heard_since(lead, before[0]) + heard_since(teacher, before[1])
    await morning(any_district, 12, 21)
    assert "12月22日 周二要交" in heard_since(lead, before[0])


async def test_ready_is_the_heads_turn(district: Stage) -> None:
    lead, teacher = district.chat("home_lead"), district.chat("teacher")
    await lead.start()
    await teacher.say("/report")
    await teacher.tap("写好了")
    before = len(teacher.bubbles)
    await morning(district, 12, 18)
    assert "写好了，请您看一看" in lead.heard
    assert "月报" not in heard_since(teacher, before)


async def test_an_excused_home_is_left_alone(district: Stage) -> None:
    lead, coordinator = district.chat("home_lead"), district.chat("coordinator")
    await lead.start()
    await coordinator.say("/report")
    await coordinator.tap("6")
    await coordinator.tap("可以不交")
    await coordinator.say("全校停课")
    await coordinator.say("/report")
    assert "➖ 可以不交：1" in coordinator.heard
    before = len(lead.bubbles)
    await morning(district, 12, 18)
    assert "月报" not in heard_since(lead, before)


async def test_it_stands_on_the_list_of_what_is_waiting(district: Stage) -> None:
    lead = district.chat("home_lead")
    await lead.start()
    await jump(district, 12, 20, 12)
    await lead.say("/due")
    assert f"{HOME}12月的月报" in lead.heard
    await lead.press("b|report|see|")
    assert "还没交" in lead.heard


async def test_nobody_is_told_twice_by_a_restart(district: Stage) -> None:
    lead = district.chat("home_lead")
    await lead.start()
    await morning(district, 12, 18)
    told = lead.everything.count("还差2条")
    await district.restart()
    district.clock.forward(district.clock.now() + timedelta(minutes=5))
    await district.app.clockwork.tick()
    await district.settle()
    assert (told, lead.everything.count("还差2条")) == (1, 1)


# --- what the coordinator reads of it


async def test_what_came_in_stands_in_the_mornings_digest_until_somebody_has_looked(any_district: Stage) -> None:
    lead, coordinator = any_district.chat("home_lead"), any_district.chat("coordinator")
    await coordinator.start()
    await any_district.app.clockwork.tick()
    told = len(coordinator.bubbles)
    await lead.say("/report")
    await lead.tap("交上去")
    await lead.say("没有活动")
    assert len(coordinator.bubbles) == told
    await morning(any_district, 11, 25)
    assert f"{HOME}交来了12月的月报。" in heard_since(coordinator, told)
    await morning(any_district, 11, 26)
    assert heard_since(coordinator, told).count("交来了") == 1
    await coordinator.press(f"b|report|see|{await home_of(any_district)}")
    assert "📨 已交" in coordinator.heard
    assert heard_since(coordinator, told).count("交来了") == 1


async def test_a_report_that_was_looked_at_is_not_told(district: Stage) -> None:
    lead, coordinator = district.chat("home_lead"), district.chat("coordinator")
    await coordinator.start()
    await district.app.clockwork.tick()
    await lead.say("/report")
    await lead.tap("交上去")
    await lead.say("没有活动")
    await coordinator.say("/report")
    await coordinator.tap("1")
    told = len(coordinator.bubbles)
    await morning(district, 11, 25)
    assert "交来了" not in heard_since(coordinator, told)


async def test_entries_of_one_kind_can_be_told_apart(district: Stage) -> None:
    """Day, child and author stand on the button, and beside the item; on the page itself no child is named."""
    mother, lead = district.chat("volunteer"), district.chat("home_lead")
    await mother.say("/visit")
    await mother.tap("🏠")
    await mother.tap("😄")
    await mother.tap("保存")
    await lead.say("/report")
    (label,) = [label for label in lead.buttons if "家访" in label]
    assert label == "＋ 🏠 家访 小禾 11月24日 苗春禾"
    await lead.tap(label)
    assert "1. 爱心妈妈常牵挂\n     11月24日 · 小禾 · 苗春禾" in lead.heard
    await lead.tap("改信息稿")
    assert "1. 爱心妈妈常牵挂\n     11月24日 · 小禾 · 苗春禾" in lead.heard
    await lead.tap("回到月报")
    await lead.tap("看全文")
    assert "小禾" not in lead.heard
