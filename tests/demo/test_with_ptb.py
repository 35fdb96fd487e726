"""PTB's own Bot drives every method, and reads everything that people can do."""

from datetime import timedelta
from pathlib import Path

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    MenuButtonCommands,
    Message,
    ReplyKeyboardRemove,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatAction
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter

import bot.demo
from bot.demo.bot_api import refusal
from bot.demo.clock import Clock
from bot.demo.errors import too_many_requests
from bot.demo.methods import METHODS
from bot.demo.world import World
from tests.demo.conftest import LI, WANG, Api
from tests.demo.pictures import jpeg_with_gps, png

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")  # seconds as numbers

BUTTONS = InlineKeyboardMarkup(
    [[InlineKeyboardButton("很好", callback_data="a:1"), InlineKeyboardButton("网", url="https://a.example")]]
)


@pytest.fixture(autouse=True)
def nothing_refused(world: World) -> object:
    yield
    assert world.refused == []


async def updates(bot: Bot) -> list[Update]:
    """All that waits, acknowledged."""
    found = list(await bot.get_updates(timeout=0))
    if found:
        await bot.get_updates(offset=found[-1].update_id + 1, timeout=0)
    return found


async def message(bot: Bot) -> Message:
    """The one message that waits."""
    (update,) = await updates(bot)
    assert update.effective_message is not None
    return update.effective_message


async def test_every_method_is_driven_by_ptb(bot: Bot, world: World, clock: Clock) -> None:
    photo, document = png(), b"%PDF-1.4 demo"
    chat_id = world.group("G")
    world.add_bot(chat_id, LI)

    assert bot.username == "xinqiao_demo_bot"
    assert (await bot.get_webhook_info()).pending_update_count == 2
    assert await bot.delete_webhook(drop_pending_updates=True)
    scope = BotCommandScopeChat(LI)
    assert await bot.set_my_commands([BotCommand("visit", "记录探访")], scope=scope, language_code="zh")
    assert (await bot.get_my_commands(scope=scope, language_code="zh"))[0].description == "记录探访"
    assert await bot.delete_my_commands(scope=scope, language_code="zh")
    assert await bot.set_chat_menu_button(LI, MenuButtonCommands())
    assert (await bot.get_chat_menu_button(LI)).type == "commands"

    sent = await bot.send_message(LI, "<b>心</b>桥", parse_mode="HTML", reply_markup=BUTTONS, protect_content=True)
    assert (sent.text_html, sent.reply_markup, sent.has_protected_content) == ("<b>心</b>桥", BUTTONS, True)
    assert abs(sent.date - clock.now()) < timedelta(seconds=5)
    answer = await bot.send_message(
        LI, "t", reply_parameters=ReplyParameters(sent.message_id), reply_markup=ReplyKeyboardRemove()
    )
    assert answer.reply_to_message is not None
    assert answer.reply_to_message.message_id == sent.message_id
    assert await bot.send_chat_action(LI, ChatAction.TYPING)
    edited = await sent.edit_text("new", reply_markup=BUTTONS)
    assert isinstance(edited, Message)
    assert (edited.text, edited.edit_date is not None) == ("new", True)
    assert isinstance(await sent.edit_reply_markup(None), Message)

    picture = await bot.send_photo(LI, photo, caption="c")
    assert (picture.photo[-1].width, picture.photo[-1].height) == (4, 3)
    assert isinstance(await picture.edit_caption("d"), Message)
    assert (await bot.send_photo(LI, picture.photo[-1].file_id)).photo
    assert (await bot.send_voice(LI, b"OggS", duration=4)).voice
    assert (await bot.send_audio(LI, b"ID3", duration=4, title="t")).audio
    assert (await bot.send_video(LI, b"mp4", duration=4)).video
    file = (await bot.send_document(LI, document, filename="报告.pdf")).document
    assert file is not None
    assert (file.file_name, file.mime_type) == ("报告.pdf", "application/pdf")
    assert bytes(await (await bot.get_file(file.file_id)).download_as_bytearray()) == document
    album = await bot.send_media_group(LI, [InputMediaPhoto(photo, caption="one"), InputMediaPhoto(photo)])
    assert [one.caption for one in album] == ["one", None]
    assert len({one.media_group_id for one in album}) == 1

    assert await bot.answer_callback_query(world.tap(LI, sent.message_id, "a:1"), "ok")
    assert await sent.delete()
    assert await bot.delete_messages(LI, [one.message_id for one in album])
    assert (await bot.get_chat(LI)).first_name == "李妈妈"
    assert await bot.leave_chat(chat_id)
    assert [update.callback_query.data for update in await updates(bot) if update.callback_query] == ["a:1"]

    called = {entry.name.lower() for entry in world.ledger if entry.kind == "call"}
    assert called == set(METHODS)


async def test_errors_become_ptbs_own(bot: Bot, base: str, world: World) -> None:
    with pytest.raises(Forbidden, match="initiate"):
        await bot.send_message(WANG, "t")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(999, "t")
    world.webhook_url = "https://elsewhere.example"
    with pytest.raises(Conflict):
        await bot.get_updates()
    with pytest.raises(InvalidToken):
        async with Bot("1:wrong", base_url=f"{base}/bot"):
            pass

    async def slow_down(method: str, params: object) -> object:
        return refusal(too_many_requests(60))

    world.before.append(slow_down)
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(LI, "t")
    assert caught.value._retry_after == timedelta(seconds=60)


async def test_what_people_write_is_read(bot: Bot, world: World) -> None:
    world.start(LI, "invite-1")
    started = await message(bot)
    assert started.text == "/start invite-1"
    assert started.entities[0].type == "bot_command"
    assert started.from_user is not None
    assert (started.from_user.id, started.from_user.language_code) == (LI, "zh-hans")

    card = await bot.send_message(LI, "Which child?")
    world.say(LI, "  小雨 ", reply_to=card.message_id)
    answer = await message(bot)
    assert answer.text == "小雨"
    assert answer.reply_to_message is not None
    assert answer.reply_to_message.message_id == card.message_id

    world.say(LI, "news", forwarded=True)
    assert (await message(bot)).forward_origin is not None
    world.say(LI, "joke", via_bot="gif")
    assert (await message(bot)).via_bot is not None
    world.edit(LI, answer.message_id, "小雪")
    (edit,) = await updates(bot)
    assert edit.edited_message is not None
    assert (edit.edited_message.text, edit.edited_message.message_id) == ("小雪", answer.message_id)


async def test_long_text_comes_in_parts(bot: Bot, world: World) -> None:
    world.say(LI, "x" * 10_000)
    assert [len(update.message.text) for update in await updates(bot)] == [4096, 4096, 1808]


async def test_taps_bring_their_message_and_any_data(bot: Bot, world: World) -> None:
    card = await bot.send_message(LI, "How?", reply_markup=BUTTONS)
    world.tap(LI, card.message_id, b"\xff\x00forged")
    world.tap(LI, 77, "x" * 500)
    world.tap(WANG, card.message_id, "a:1", chat=LI)
    first, gone, foreign = [update.callback_query for update in await updates(bot)]
    assert (first.data, first.message.text) == ("\ufffd\x00forged", "How?")
    assert (gone.data, gone.message.message_id, gone.message.date.timestamp()) == ("x" * 500, 77, 0)
    assert (foreign.from_user.id, foreign.message.chat.id) == (WANG, LI)


async def test_media_from_people_is_read(bot: Bot, world: World) -> None:
    world.photos(LI, [jpeg_with_gps()], "look")
    single = await message(bot)
    assert (single.caption, single.media_group_id, single.photo[-1].width) == ("look", None, 40)
    data = bytes(await (await single.photo[-1].get_file()).download_as_bytearray())
    assert b"GPSPLACE" not in data
    assert data.startswith(b"\xff\xd8")

    world.photos(LI, [png()] * 12)
    albums = [update.message.media_group_id for update in await updates(bot)]
    assert [albums.count(album) for album in dict.fromkeys(albums)] == [10, 2]
    assert None not in albums

    world.voice(LI, b"OggS", seconds=7)
    spoken = (await message(bot)).voice
    assert spoken is not None
    assert spoken.to_dict()["duration"] == 7
    world.document(LI, jpeg_with_gps(), "照片.jpg", size=30_000_000)
    file = (await message(bot)).document
    assert file is not None
    assert (file.file_name, file.mime_type, file.file_size) == ("照片.jpg", "image/jpeg", 30_000_000)
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(file.file_id)
    world.sticker(LI)
    assert (await message(bot)).sticker
    world.location(LI, 30.5, 104.5)
    assert (await message(bot)).location
    world.video(LI, b"mp4")
    assert (await message(bot)).video


async def test_contacts_are_ones_own_or_not(bot: Bot, world: World) -> None:
    world.contact(LI)
    world.contact(LI, WANG)
    world.contact(LI, with_user_id=False)
    world.contact(LI, forwarded=True)
    own, other, nameless, forwarded = [update.message for update in await updates(bot)]
    assert [one.contact.user_id for one in (own, other, nameless, forwarded)] == [LI, WANG, None, LI]
    assert [one.forward_origin is None for one in (own, forwarded)] == [True, False]


async def test_blocking_is_told(bot: Bot, world: World) -> None:
    world.block(LI)
    world.block(LI)
    world.start(LI)
    left, back, started = await updates(bot)
    assert left.my_chat_member is not None
    assert back.my_chat_member is not None
    assert left.my_chat_member.new_chat_member.status == "kicked"
    assert back.my_chat_member.new_chat_member.status == "member"
    assert started.message is not None


async def test_a_group_shows_the_bot_only_what_is_meant_for_it(bot: Bot, world: World) -> None:
    group = world.group("爱心妈妈群", "supergroup")
    world.say(LI, "before it came", chat=group)
    with pytest.raises(Forbidden, match="not a member of the supergroup chat"):
        await bot.send_message(group, "t")
    world.add_bot(group, by=LI)
    joined, welcomed = await updates(bot)
    assert joined.my_chat_member is not None
    assert joined.my_chat_member.new_chat_member.status == "member"
    assert welcomed.message is not None
    assert welcomed.message.new_chat_members[0].id == bot.id

    ours = await bot.send_message(group, "Open me in private")
    world.say(LI, "talk among people", chat=group)
    world.say(LI, "/visit@another_bot", chat=group)
    world.say(LI, "/visit", chat=group)
    world.say(LI, "/visit@Xinqiao_Demo_Bot", chat=group)
    world.say(LI, "an answer", chat=group, reply_to=ours.message_id)
    world.say_anonymously(group, "/report")
    seen = [update.message for update in await updates(bot)]
    assert [one.text for one in seen] == ["/visit", "/visit@Xinqiao_Demo_Bot", "an answer", "/report"]
    assert seen[-1].sender_chat.id == group

    world.reads_groups = True
    world.say_from_channel(group, world.group("Channel", "channel"), "post")
    linked = await message(bot)
    assert linked.is_automatic_forward
    world.remove_bot(group, by=LI)
    with pytest.raises(Forbidden, match="kicked from the supergroup"):
        await bot.send_message(group, "t")


async def test_channels_post_without_a_sender(bot: Bot, world: World) -> None:
    channel = world.group("News", "channel")
    world.add_bot(channel, by=LI)
    world.say(LI, "news", chat=channel)
    added, post = await updates(bot)
    assert added.my_chat_member is not None
    assert added.my_chat_member.new_chat_member.status == "administrator"
    assert post.channel_post is not None
    assert post.channel_post.from_user is None
    assert (await bot.send_message(channel, "t")).sender_chat is not None


async def test_a_group_that_grows_changes_its_id(bot: Bot, world: World) -> None:
    group = world.group("G")
    world.add_bot(group, by=LI)
    await updates(bot)
    grown = world.upgrade(group)
    leaving, coming = [update.message for update in await updates(bot)]
    assert (leaving.migrate_to_chat_id, coming.migrate_from_chat_id) == (grown, group)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(group, "t")
    assert caught.value.new_chat_id == grown
    assert (await bot.send_message(grown, "t")).chat.id == grown


async def test_a_form_works_as_json_does(api: Api, world: World) -> None:
    fields = {"chat_id": str(LI), "text": "t", "reply_markup": BUTTONS.to_json()}
    async with api.session.post(f"{api.base}/bot{world.token}/sendmessage", data=fields) as response:
        assert (await response.json())["result"]["reply_markup"] == BUTTONS.to_dict()
    async with api.session.get(f"{api.base}/bot{world.token}/getMe?x=1") as response:
        assert (await response.json())["ok"]


def test_the_server_is_not_built_on_the_client() -> None:
    sources = [path.read_text() for path in Path(str(bot.demo.__file__)).parent.rglob("*.py")]
    assert len(sources) > 20
    assert not [source for source in sources if "import telegram" in source or "from telegram" in source]
