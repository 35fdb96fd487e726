"""Whatever people type or send: a clear answer in their language, and nothing lost."""

from __future__ import annotations

import pytest

from bot.engine.conversation import TOO_BIG
from bot.gateway import UNKNOWN_COMMAND
from care.records.contact_entry import ContactEntry, How, Mood
from storage import updates
from storage.tables import children
from tests.faults.seen import (
    CHINESE,
    COORDINATOR,
    ENGLISH,
    GUARDIAN,
    MOTHER,
    READS_ENGLISH,
    STRANGER,
    TEACHER,
    actor_of,
    answers,
    contact,
    drafts,
    in_words,
    kept,
    own,
    speaks,
    talk,
    visit_to_review,
)
from tests.stage import Chat, Stage

NASTY = "<b>李</b> & *_[x](y)~`\N{RIGHT-TO-LEFT OVERRIDE}\N{ZERO WIDTH SPACE}{name}%s\N{FAMILY}"
SHOWN = "<b>李</b> & *_[x](y)~`"
SQL = "'; DROP TABLE records; -- \" OR 1=1 /* \\ %_"
STRANGE = (
    "\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}\N{FAMILY}",
    "Он сегодня весёлый",
    "مرحبا كيف حالك",
    "今天\N{ZERO WIDTH SPACE}很\N{ZERO WIDTH JOINER}好\N{BYTE ORDER MARK}呀",
    "\N{ARABIC LETTER MARK}niam \N{LEFT-TO-RIGHT ISOLATE}eht",
    "<b>粗</b> &amp; <script>alert(1)</script> <a href='x'>",
    "{child} %s {0} ${x}",
    SQL,
    "null",
    "/",
    "/ 空格",
    "/今天去看了孩子",
    "１２３４５６７８９０１２３４５６７８９０",
    "a\nb\n\n\nc",
    "长" * 4096,
)


DAYS_THAT_CANNOT_BE = (
    *("2月31日", "2025-02-31", "31 February", "明天", "下周三", "2027年1月1日", "next Friday"),
    *("1999-01-01", "0", "99.99", "长" * 4096, *STRANGE[:4]),
)


async def to_review(chat: Chat) -> None:
    """A plain visit, typed, in either language."""
    await chat.say("/visit")
    if any("|child|" in data for data in chat.data):
        await chat.say(chat.buttons[0])
    await chat.say("家访")
    await chat.say("开心")
    assert any("|save" in data for data in chat.data), chat.heard


@pytest.fixture(params=[MOTHER, READS_ENGLISH])
def writer(town: Stage, request: pytest.FixtureRequest) -> Chat:
    """A love mother who reads Chinese, and one who reads English."""
    return town.chat(request.param)


async def opened(chat: Chat, field: str, face: str = "more") -> None:
    """Open a question from the review card."""
    if not any(f"|{field}|open" in data for data in chat.data):
        await chat.tap_data(next(data for data in chat.data if data.endswith(f"|{face}")))
    await chat.tap_data(next(data for data in chat.data if f"|{field}|open" in data))


def language_of(chat: Chat) -> str:
    return ENGLISH if chat.user == READS_ENGLISH else CHINESE


async def test_strange_words_at_a_question_of_choice_are_kept_and_the_question_stands(
    town: Stage, writer: Chat
) -> None:
    await writer.say("/visit")
    if any("|child|" in data for data in writer.data):
        await writer.say(writer.buttons[0])
    for strange in STRANGE[:-1]:
        said = await writer.say(strange)
        assert speaks(said, language_of(writer)), (strange, said)
        assert any("|how|" in data for data in writer.data), strange
    await writer.say("家访")
    await writer.say("开心")
    assert (await contact_after_saving(town, writer)).note == "\n".join(STRANGE[:-1])


async def contact_after_saving(stage: Stage, chat: Chat) -> ContactEntry:
    await chat.say("保存")
    return await contact(stage, chat)


async def test_strange_words_at_a_question_for_words_are_stored_letter_by_letter(town: Stage) -> None:
    mother = town.chat(MOTHER)
    for strange in STRANGE:
        await to_review(mother)
        said = await mother.say(strange)
        assert speaks(said.replace(strange, ""), CHINESE)
        assert (await contact_after_saving(town, mother)).note == strange


async def test_a_day_that_cannot_be_is_asked_again_in_ones_own_language(town: Stage, writer: Chat) -> None:
    await to_review(writer)
    before = await answers(town, writer)
    await opened(writer, "on", "change")
    for typed in DAYS_THAT_CANNOT_BE:
        said = await writer.say(typed)
        assert speaks(said, language_of(writer)), said
        assert any("|on|" in data for data in writer.data), typed
        assert await answers(town, writer) == before
    assert await kept(town) == []


async def test_a_number_that_cannot_be_is_asked_again(town: Stage, writer: Chat) -> None:
    await to_review(writer)
    await opened(writer, "minutes")
    for typed in ("很多", "-5", "12.5", "99999", "１０００００", "十万", "1e9", "NaN", *STRANGE[:4]):
        said = await writer.say(typed)
        assert speaks(said, language_of(writer)), said
        assert "minutes" not in await answers(town, writer)
    await writer.say("４０")
    assert (await answers(town, writer))["minutes"] == 40


async def test_what_is_no_number_at_a_question_for_a_number_gets_an_answer_and_loses_nothing(
    town: Stage, writer: Chat, picture: bytes
) -> None:
    world, user = town.world, writer.user
    await to_review(writer)
    await opened(writer, "minutes")
    sent = (
        lambda: world.photos(user, [picture], "四十分钟"),
        lambda: world.voice(user, b"OggS", 4),
        lambda: world.document(user, b"%PDF", "成绩单.pdf"),
        lambda: world.sticker(user),
        lambda: world.contact(user),
        lambda: world.contact(user, TEACHER),
        lambda: world.location(user, 30.0, 110.0),
        lambda: world.video(user, b"mp4"),
    )
    for send in sent:
        heard = len(writer.bubbles)
        send()
        await town.settle()
        assert len(writer.bubbles) > heard
        assert speaks(writer.heard, language_of(writer)), writer.heard
    await writer.say("40")
    entry = await contact_after_saving(town, writer)
    assert entry.minutes == 40
    assert [media.kind for media in entry.media] == ["photo", "voice", "file", "video"]
    assert entry.media[0].caption == "四十分钟"


async def test_a_forwarded_post_is_kept_as_words(town: Stage, picture: bytes) -> None:
    mother = town.chat(MOTHER)
    await visit_to_review(mother)
    await mother.say("孩子的外婆发来的：今天退烧了。", forwarded=True)
    town.world.photos(MOTHER, [picture], "转发的照片", forwarded=True)
    await town.settle()
    entry = await contact_after_saving(town, mother)
    assert entry.note == "孩子的外婆发来的：今天退烧了。"
    assert len(entry.media) == 1


async def test_a_file_of_20_mb_is_kept_and_one_byte_more_is_refused_kindly(town: Stage, writer: Chat) -> None:
    await to_review(writer)
    town.world.document(writer.user, b"x", "活动视频.mp4", size=20 << 20)
    await town.settle()
    town.world.document(writer.user, b"y", "活动视频2.mp4", size=(20 << 20) + 1)
    await town.settle()
    assert in_words(town, TOO_BIG, writer) in writer.heard
    assert any("|save" in data for data in writer.data)
    assert len((await contact_after_saving(town, writer)).media) == 1


async def test_a_file_too_large_without_a_conversation_is_refused_kindly_and_a_guardians_is_passed_on(
    town: Stage,
) -> None:
    mother, grandmother, teacher = (town.chat(who) for who in (MOTHER, GUARDIAN, TEACHER))
    await mother.start()
    await teacher.start()
    for chat in (mother, grandmother):
        town.world.document(chat.user, b"x", "video.mp4", size=(20 << 20) + 1)
        await town.settle()
    assert mother.heard == in_words(town, TOO_BIG, mother)
    assert await drafts(town, mother) == []
    assert "老师" in grandmother.heard
    assert any("document" in post.payload for post in teacher.bubbles)


async def test_an_unknown_command_offers_what_there_is_and_a_conversation_goes_on(town: Stage, writer: Chat) -> None:
    unknown = in_words(town, UNKNOWN_COMMAND, writer)
    assert unknown in await writer.say("/nothing_of_the_kind")
    assert writer.buttons
    await to_review(writer)
    before = await answers(town, writer)
    assert unknown in await writer.say("/" + "x" * 32)
    assert unknown in await writer.say("/NOTHING@xinqiao_test_bot 好")
    assert await answers(town, writer) == before
    assert "#" in await writer.say("保存")


async def test_a_command_in_the_middle_of_a_conversation_is_done_and_the_conversation_goes_on(
    town: Stage, writer: Chat
) -> None:
    before = len(await own(town, writer))
    await writer.say("/visit")
    if any("|child|" in data for data in writer.data):
        await writer.say(writer.buttons[0])
    for command in ("/mine", "/help", "/language", "/start", "/child"):
        assert speaks(await writer.say(command), language_of(writer))
    await writer.say("/cancel") if any(one.flow == "child" for one in await drafts(town, writer)) else None
    await writer.say("家访")
    await writer.say("开心")
    assert "#" in await writer.say("保存")
    assert len(await own(town, writer)) == before + 1


async def test_t42_a_nasty_name_is_shown_letter_by_letter_and_turns_nothing_around(town: Stage) -> None:
    coordinator, stranger = town.chat(COORDINATOR), town.chat(STRANGER)
    town.world.rename(STRANGER, f"{NASTY}")
    await coordinator.say("/invite")
    await coordinator.tap("项目办")
    await coordinator.say(NASTY)
    link = await coordinator.tap("生成链接")
    assert SHOWN in link
    await stranger.start(link.rpartition("start=")[2])
    assert coordinator.heard.count(SHOWN) == 2
    await coordinator.tap("✅")
    assert SHOWN in coordinator.heard
    assert SHOWN in stranger.everything
    for chat in (coordinator, stranger):
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in chat.everything
        assert "{name}%s" in chat.everything
    assert await kept(town) == []


async def test_t42_a_name_of_255_emoji_fits_everywhere(town: Stage) -> None:
    coordinator, stranger = town.chat(COORDINATOR), town.chat(STRANGER)
    name = "\N{FAMILY}" * 255
    town.world.rename(STRANGER, name)
    await coordinator.say("/invite")
    await coordinator.tap("项目办")
    said = await coordinator.say(name)
    assert speaks(said, CHINESE)
    await coordinator.say("\N{FAMILY}" * 40)
    link = await coordinator.tap("生成链接")
    await stranger.start(link.rpartition("start=")[2])
    assert name in coordinator.heard
    await coordinator.tap("✅")
    await coordinator.say("/people")
    assert await kept(town) == []


async def test_t42_a_nasty_short_name_of_a_child_is_shown_letter_by_letter(town: Stage) -> None:
    mother, coordinator = town.chat(MOTHER), town.chat(COORDINATOR)
    (child,) = (await actor_of(town, mother)).grants[0].children
    async with town.database.transaction() as tx:
        sealed = tx.vault.seal(NASTY, f"children.short_name:{child}")
        await tx.run(children.update().where(children.c.id == child).values(short_name=sealed))
    await mother.say("/visit")
    assert SHOWN in mother.heard
    await mother.say("家访")
    await mother.say("开心")
    assert SHOWN in await mother.say("保存")
    assert SHOWN in await mother.say("/mine")
    assert SHOWN in await mother.say("/child")
    assert SHOWN in await coordinator.say("/recent")


@pytest.mark.parametrize(("length", "stored"), [(4096, True), (10_000, True), (19_999, True), (24_000, False)])
async def test_t43_a_long_note_is_stored_whole_or_asked_to_be_shorter(town: Stage, length: int, stored: bool) -> None:
    mother = town.chat(MOTHER)
    note = "".join(chr(0x4E00 + place % 20_000) for place in range(length))
    await visit_to_review(mother)
    await mother.say(note)
    if not stored:
        assert "20,000" in mother.everything
        assert speaks(mother.heard, CHINESE)
    written = (await contact_after_saving(town, mother)).note
    assert written == (note if stored else note[: 4 * 4096])


async def test_t43_a_long_text_outside_a_conversation_waits_whole_for_its_place(town: Stage) -> None:
    mother, note = town.chat(MOTHER), "".join(chr(0x4E00 + place) for place in range(10_000))
    await mother.say(note)
    assert [data.split("|")[0] for data in mother.data] == ["k", "x"]
    await mother.tap("记一次联系")
    await mother.say("家访")
    await mother.say("开心")
    assert (await contact_after_saving(town, mother)).note == note


async def test_t43_a_long_text_where_a_line_is_asked_is_asked_to_be_shorter(town: Stage, writer: Chat) -> None:
    await to_review(writer)
    await opened(writer, "follow_up")
    for long in ("好" * 201, "好" * 10_000):
        said = await writer.say(long)
        assert speaks(said, language_of(writer))
        assert "200" in said
        assert "follow_up" not in await answers(town, writer)


def blank_words(stage: Stage, blank: str, number: int) -> None:
    """What no phone of the demo would send."""
    private = {"id": MOTHER, "type": "private"}
    head = {"message_id": 900 + number, "date": int(stage.clock.now().timestamp()), "chat": private}
    stage.world.raw({"message": head | {"from": {"id": MOTHER, "is_bot": False, "first_name": "x"}, "text": blank}})


BLANK = (" ", "\n\n", "\u3000", "\u00a0", "\u2800" * 5, "\u3164", "\N{ZERO WIDTH SPACE}" * 5, "\N{RIGHT-TO-LEFT MARK}")


async def test_t43_blank_words_are_no_answer_and_no_draft(any_town: Stage) -> None:
    mother = any_town.chat(MOTHER)
    await mother.start()
    for number, blank in enumerate(BLANK):
        heard = len(mother.bubbles)
        blank_words(any_town, blank, number)
        await any_town.settle()
        assert len(mother.bubbles) > heard
        assert speaks(mother.heard, CHINESE)
        assert await drafts(any_town, mother) == []
    await visit_to_review(mother)
    before = await answers(any_town, mother)
    await opened(mother, "follow_up")
    for number, blank in enumerate(BLANK):
        heard = len(mother.bubbles)
        blank_words(any_town, blank, number)
        await any_town.settle()
        assert len(mother.bubbles) > heard
        assert speaks(mother.heard, CHINESE)
        assert await answers(any_town, mother) == before
    assert await kept(any_town) == []


async def test_t49_an_edited_message_changes_the_draft_and_makes_no_second_entry(town: Stage) -> None:
    mother, world = town.chat(MOTHER), town.world
    before = len(await own(town, mother))
    await visit_to_review(mother)
    first = world.say(MOTHER, "他考了九十分")
    second = world.say(MOTHER, "奶奶身体好")
    await town.settle()
    world.edit(MOTHER, first, "他考了九十五分")
    await town.settle()
    assert (await answers(town, mother))["note"] == "他考了九十五分\n奶奶身体好"
    await mother.say("保存")
    world.edit(MOTHER, second, "奶奶身体不好")
    await town.settle()
    assert len(await own(town, mother)) == before + 1
    assert (await contact(town, mother)).note == "他考了九十五分\n奶奶身体不好"
    assert (await own(town, mother))[0].version == 2


async def test_t49_an_edited_command_and_a_deleted_message_do_nothing(town: Stage) -> None:
    mother, world = town.chat(MOTHER), town.world
    before = len(await own(town, mother))
    said = world.say(MOTHER, "/mine")
    await town.settle()
    world.edit(MOTHER, said, "/visit")
    await town.settle()
    assert await drafts(town, mother) == []
    await visit_to_review(mother)
    world.unsend(MOTHER, said)
    note = world.say(MOTHER, "一句话")
    await town.settle()
    world.unsend(MOTHER, note)
    await town.settle()
    assert (await contact_after_saving(town, mother)).note == "一句话"
    assert len(await own(town, mother)) == before + 1


async def test_t49_an_edit_to_nothing_asks_again_and_keeps_what_was_there(town: Stage) -> None:
    mother, world = town.chat(MOTHER), town.world
    await visit_to_review(mother)
    note = world.say(MOTHER, "一句话")
    await town.settle()
    for edit in ("x" * 4096, SQL, "<b>", "又一句话"):
        world.edit(MOTHER, note, edit)
        await town.settle()
        assert (await answers(town, mother))["note"] == edit


async def test_t51_sql_in_every_field_is_stored_and_found_as_it_is(any_town: Stage) -> None:
    mother = any_town.chat(MOTHER)
    before = len(await own(any_town, mother))
    await to_review(mother)
    await mother.say(SQL)
    for field in ("study", "life", "asked_for", "gifts"):
        await opened(mother, field)
        await mother.say(SQL)
    entry = await contact_after_saving(any_town, mother)
    assert {entry.note, entry.study, entry.life, entry.asked_for, entry.gifts} == {SQL}
    assert (entry.how, entry.mood) == (How.FAMILY_VISIT, Mood.CHEERFUL)
    await mother.say("/mine")
    assert SQL in await mother.tap("1")
    assert len(await own(any_town, mother)) == before + 1


async def test_t51_sql_as_a_search_a_name_or_a_language_finds_nothing_and_breaks_nothing(any_town: Stage) -> None:
    coordinator = any_town.chat(COORDINATOR)
    for command in ("child", "pair", "people", "invite", "start", "cancel"):
        assert speaks((await coordinator.say(f"/{command} {SQL}")).replace(SQL, ""), CHINESE), command
    await coordinator.say("/child")
    for typed in (SQL, "%", "_", "0601' OR '1'='1", "*"):
        assert speaks(await coordinator.say(typed), CHINESE)
    await coordinator.say("0601")
    assert "小禾" in coordinator.heard
    assert await kept(any_town) == []


async def test_typed_words_of_a_talk_leave_the_chat_whatever_they_are(town: Stage) -> None:
    teacher = town.chat(TEACHER)
    await teacher.say("/talk")
    await teacher.say("小禾")
    if any("|children|ok" in data for data in teacher.data):
        await teacher.tap("✅")
    await teacher.tap(teacher.buttons[0])
    await teacher.tap(teacher.buttons[0])
    await teacher.tap("✅")
    for strange in STRANGE[:6]:
        await teacher.say(strange)
        assert strange not in teacher.own
    await teacher.say("保存")
    stored = (await talk(town, teacher)).said or ""
    assert [strange for strange in STRANGE[:6] if strange not in stored] == []


async def test_nothing_that_was_said_lies_in_the_database_in_the_clear(town: Stage) -> None:
    mother = town.chat(MOTHER)
    await visit_to_review(mother)
    await mother.say("这句话只有看护人能看")
    await mother.say("保存")
    world_says = "这段没法读"
    town.world.raw({"message": {"message_id": "x", "text": world_says}})
    await town.settle()
    async with town.database.reading() as tx:
        assert len(await updates.kept(tx)) == 1
    assert town.database.file
    stored = b"".join(path.read_bytes() for path in town.database.file.parent.glob("district.db*"))
    assert "这句话只有看护人能看".encode() not in stored
    assert world_says.encode() not in stored
    assert "苗春禾".encode() not in stored
