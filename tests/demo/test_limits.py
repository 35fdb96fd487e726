"""Lengths, counts and error texts, against a table taken from Telegram's documentation and not from our constants."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.demo.clock import Clock
from bot.demo.world import World
from tests.demo.conftest import LI, TOKEN, WANG, Api
from tests.demo.pictures import png

NOT_MODIFIED = (
    "400 Bad Request: message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)


def keyboard(rows: int, columns: int, data: str = "x") -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "t", "callback_data": data}] * columns for _ in range(rows)]}


ACCEPTED: list[dict[str, Any]] = [
    {"text": "x" * 4096},
    {"text": "心" * 4096},
    {"text": f"<b>{'x' * 4096}</b>&amp;"[:-5], "parse_mode": "HTML"},
    {"text": "&lt;" * 4096, "parse_mode": "HTML"},
    {"text": "t", "reply_markup": keyboard(1, 8)},
    {"text": "t", "reply_markup": keyboard(25, 4)},
    {"text": "t", "reply_markup": keyboard(1, 1, "x" * 64)},
    {"text": "t", "reply_markup": keyboard(1, 1, "心" * 21 + "x")},
    {"text": "t", "reply_markup": {"inline_keyboard": [[{"text": "t", "copy_text": {"text": "c" * 256}}]]}},
]

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"text": "x" * 4097}, "400 Bad Request: message is too long"),
    ({"text": f"<b>{'x' * 4097}</b>", "parse_mode": "HTML"}, "400 Bad Request: message is too long"),
    ({}, "400 Bad Request: message text is empty"),
    ({"text": " \n\t"}, "400 Bad Request: message text is empty"),
    ({"text": "\u200b\u200e\u3164"}, "400 Bad Request: message text is empty"),
    ({"text": "<b></b>", "parse_mode": "HTML"}, "400 Bad Request: message text is empty"),
    ({"text": "t", "reply_markup": keyboard(1, 9)}, "400 Bad Request: reply markup is too long"),
    ({"text": "t", "reply_markup": keyboard(101, 1)}, "400 Bad Request: reply markup is too long"),
    ({"text": "t", "reply_markup": keyboard(1, 1, "x" * 65)}, "400 Bad Request: BUTTON_DATA_INVALID"),
    ({"text": "t", "reply_markup": keyboard(1, 1, "心" * 22)}, "400 Bad Request: BUTTON_DATA_INVALID"),
    ({"text": "t", "reply_markup": keyboard(1, 1, "")}, "400 Bad Request: BUTTON_DATA_INVALID"),
    (
        {"text": "t", "reply_markup": {"inline_keyboard": [[{"text": "t"}]]}},
        "400 Bad Request: text buttons are unallowed in the inline keyboard",
    ),
    (
        {"text": "<i>a</b>", "parse_mode": "HTML"},
        '400 Bad Request: can\'t parse entities: Unmatched end tag at byte offset 4, expected "</i>", found "</b>"',
    ),
    (
        {"text": "心<q>", "parse_mode": "HTML"},
        '400 Bad Request: can\'t parse entities: Unsupported start tag "q" at byte offset 3',
    ),
    ({"text": "*a*", "parse_mode": "MarkdownV2"}, "400 Bad Request: unsupported parse_mode"),
    ({"text": "t", "reply_parameters": {"message_id": 99}}, "400 Bad Request: message to be replied not found"),
    ({"text": "t", "chat_id": 999}, "400 Bad Request: chat not found"),
    ({"text": "t", "chat_id": ""}, "400 Bad Request: chat_id is empty"),
    ({"text": "t", "chat_id": WANG}, "403 Forbidden: bot can't initiate conversation with a user"),
]


@pytest.mark.parametrize("params", ACCEPTED, ids=range(len(ACCEPTED)))
async def test_a_message_at_the_limit_is_sent(api: Api, params: dict[str, Any]) -> None:
    assert (await api.ok("sendMessage", chat_id=LI, **params))["message_id"] == 1


@pytest.mark.parametrize(("params", "error"), REFUSED, ids=range(len(REFUSED)))
async def test_a_message_over_the_limit_is_refused_in_telegrams_words(
    api: Api,
    world: World,
    params: dict[str, Any],
    error: str,
) -> None:
    assert await api.error("sendMessage", **({"chat_id": LI} | params)) == error
    assert not world.chats[LI].posts
    assert world.ledger[-1].outcome == error


async def test_captions_hold_1024(api: Api, world: World) -> None:
    photo = world.files.keep("photo", png()).file_id
    sent = await api.ok("sendPhoto", chat_id=LI, photo=photo, caption="x" * 1024)
    edit = {"chat_id": LI, "message_id": sent["message_id"], "caption": "x" * 1025}
    too_long = "400 Bad Request: message caption is too long"
    assert await api.error("sendPhoto", chat_id=LI, photo=photo, caption="x" * 1025) == too_long
    assert await api.error("editMessageCaption", **edit) == too_long


async def test_only_100_entities_are_kept(api: Api) -> None:
    sent = await api.ok("sendMessage", chat_id=LI, text="<b>x</b> " * 150, parse_mode="HTML")
    assert len(sent["entities"]) == 100


@pytest.mark.parametrize(
    ("count", "error"),
    [
        (1, "400 Bad Request: too few messages to send as an album"),
        (2, ""),
        (10, ""),
        (11, "400 Bad Request: too many messages to send as an album"),
    ],
)
async def test_an_album_holds_2_to_10(api: Api, world: World, count: int, error: str) -> None:
    photo = world.files.keep("photo", png()).file_id
    params = {"chat_id": LI, "media": [{"type": "photo", "media": photo}] * count}
    if error:
        assert await api.error("sendMediaGroup", **params) == error
    else:
        sent = await api.ok("sendMediaGroup", **params)
        assert len({message["message_id"] for message in sent}) == count
        assert len({message["media_group_id"] for message in sent}) == 1


async def upload(api: Api, kind: str, data: bytes) -> dict[str, Any]:
    form = aiohttp.FormData({"chat_id": str(LI)})
    form.add_field(kind, io.BytesIO(data), filename="a.jpg")
    async with api.session.post(f"{api.base}/bot{TOKEN}/send{kind}", data=form) as response:
        answer: dict[str, Any] = await response.json()
        return answer


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (png(100, 2000), ""),
        (png(100, 2001), "Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (png(30_000, 30_000), "Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (b"<html>", "Bad Request: IMAGE_PROCESS_FAILED"),
        (b"", "Bad Request: file must be non-empty"),
    ],
    ids=["20 to 1", "too long", "bomb", "page", "nothing"],
)
async def test_a_photo_must_be_one(api: Api, data: bytes, error: str) -> None:
    assert (await upload(api, "photo", data)).get("description", "") == error


async def test_a_photo_is_at_most_10_mib(api: Api) -> None:
    picture = png()
    filler = b"\0" * (10_485_760 - len(picture))
    assert (await upload(api, "photo", picture + filler))["ok"]
    assert (await upload(api, "photo", picture + filler + b"\0"))["description"] == (
        "Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes"
    )


async def test_a_download_is_at_most_20_mib(api: Api, world: World) -> None:
    fits = world.files.keep("document", b"x", size=20_971_520).file_id
    over = world.files.keep("document", b"x", size=20_971_521).file_id
    assert (await api.ok("getFile", file_id=fits))["file_size"] == 20_971_520
    assert await api.error("getFile", file_id=over) == "400 Bad Request: file is too big"
    assert await api.error("getFile", file_id="nothing") == "400 Bad Request: invalid file_id"


async def test_an_upload_is_at_most_50_mib(api: Api) -> None:
    assert await upload(api, "document", b"\0" * 52_428_801) == {
        "ok": False,
        "error_code": 413,
        "description": "Request Entity Too Large",
    }


async def test_an_answer_to_a_tap_holds_200(api: Api, world: World) -> None:
    query = world.tap(LI, 1, "x")
    assert await api.error("answerCallbackQuery", callback_query_id=query, text="x" * 201) == (
        "400 Bad Request: MESSAGE_TOO_LONG"
    )
    assert await api.ok("answerCallbackQuery", callback_query_id=query, text="x" * 200)


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ({"command": "c" * 32, "description": "d" * 256}, ""),
        ({"command": "c" * 33, "description": "d"}, "400 Bad Request: BOT_COMMAND_INVALID"),
        ({"command": "Visit", "description": "d"}, "400 Bad Request: BOT_COMMAND_INVALID"),
        ({"command": "c", "description": "d" * 257}, "400 Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"command": "c", "description": ""}, "400 Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"),
    ],
)
async def test_commands_hold_32_and_256(api: Api, command: dict[str, str], error: str) -> None:
    call: Callable[..., Any] = api.error if error else api.ok
    assert await call("setMyCommands", commands=[command]) == (error or True)


async def test_a_blocked_bot_and_a_deleted_account_are_told_apart(api: Api, world: World) -> None:
    sent = await api.ok("sendMessage", chat_id=LI, text="t")
    world.block(LI)
    for method, params in (("sendMessage", {"text": "t"}), ("sendChatAction", {"action": "typing"})):
        assert await api.error(method, chat_id=LI, **params) == "403 Forbidden: bot was blocked by the user"
    world.say(LI, "back again")
    assert await api.ok("sendMessage", chat_id=LI, text="welcome")
    world.deactivate(LI)
    gone = "403 Forbidden: user is deactivated"
    assert await api.error("sendMessage", chat_id=LI, text="t") == gone
    assert await api.error("editMessageText", chat_id=LI, message_id=sent["message_id"], text="u") == gone


async def test_edits_are_refused_in_telegrams_words(api: Api, world: World, clock: Clock) -> None:
    theirs = world.say(LI, "mine")
    ours = (await api.ok("sendMessage", chat_id=LI, text="<b>t</b>", parse_mode="HTML", reply_markup=keyboard(1, 1)))[
        "message_id"
    ]
    photo = (await api.ok("sendPhoto", chat_id=LI, photo=world.files.keep("photo", png()).file_id))["message_id"]

    async def edit(message_id: int, **params: Any) -> str:
        return await api.error("editMessageText", chat_id=LI, message_id=message_id, **({"text": "u"} | params))

    same = {"text": "<b>t</b>", "parse_mode": "HTML", "reply_markup": keyboard(1, 1)}
    assert await edit(ours, **same) == NOT_MODIFIED
    assert await edit(99) == "400 Bad Request: message to edit not found"
    assert await edit(theirs) == "400 Bad Request: message can't be edited"
    assert await edit(photo) == "400 Bad Request: there is no text in the message to edit"
    assert await edit(ours, text="x" * 4097) == "400 Bad Request: message is too long"
    assert await api.error("editMessageCaption", chat_id=LI, message_id=ours, caption="c") == (
        "400 Bad Request: there is no caption in the message to edit"
    )
    clock.forward(clock.now() + timedelta(days=300))
    changed = await api.ok("editMessageText", chat_id=LI, message_id=ours, text="t")
    assert "entities" not in changed
    assert "reply_markup" not in changed
    assert await api.error("editMessageReplyMarkup", chat_id=LI, message_id=ours) == NOT_MODIFIED


async def test_messages_are_deleted_within_48_hours(api: Api, world: World, clock: Clock) -> None:
    old, theirs = world.say(LI, "old"), world.say(LI, "theirs")
    assert await api.ok("deleteMessage", chat_id=LI, message_id=theirs)
    not_found = "400 Bad Request: message to delete not found"
    assert await api.error("deleteMessage", chat_id=LI, message_id=theirs) == not_found
    assert await api.error("deleteMessage", chat_id=LI, message_id=99) == not_found
    clock.forward(clock.now() + timedelta(hours=48, seconds=2))
    young = world.say(LI, "young")
    too_old = "400 Bad Request: message can't be deleted for everyone"
    assert await api.error("deleteMessage", chat_id=LI, message_id=old) == too_old
    assert await api.error("deleteMessages", chat_id=LI, message_ids=[young, old]) == too_old
    assert await api.ok("deleteMessages", chat_id=LI, message_ids=[young, 99])
    assert world.chats[LI].post(young) is None


async def test_a_late_answer_to_a_tap_is_refused(api: Api, world: World, clock: Clock) -> None:
    too_old = "400 Bad Request: query is too old and response timeout expired or query ID is invalid"
    query = world.tap(LI, 1, "x")
    assert await api.ok("answerCallbackQuery", callback_query_id=query)
    clock.forward(clock.now() + timedelta(seconds=151))
    assert await api.error("answerCallbackQuery", callback_query_id=query) == too_old
    assert await api.error("answerCallbackQuery", callback_query_id="77") == too_old


async def test_tokens_are_checked(api: Api) -> None:
    assert await api.error("getMe", token="4242:another") == "401 Unauthorized"
    assert await api.error("getMe", token="nonsense") == "404 Not Found"


async def test_an_unknown_method_is_refused_loudly(
    api: Api,
    world: World,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert await api.error("sendDice", chat_id=LI) == "404 Not Found"
    assert world.refused == ["sendDice"]
    assert "sendDice" in caplog.text


async def test_what_breaks_the_server_is_counted_too(api: Api, world: World) -> None:
    assert await api.error("sendMessage", chat_id=LI, text="t", reply_markup={"inline_keyboard": 5}) == (
        "500 Internal Server Error"
    )
    assert world.refused == ["sendMessage: TypeError"]
