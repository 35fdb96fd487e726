"""What each shape of update becomes. Numbers T.. are those of the fault plan."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.engine.turn import Kind, Turn
from bot.telegram.parse import Unparsable, parse
from care.records.fields import Media, MediaKind

LI = 101
NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
PRIVATE = {"id": LI, "type": "private", "first_name": "李"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Parents"}
PERSON = {"id": LI, "is_bot": False, "first_name": "李", "last_name": "妈妈", "language_code": "zh-hans"}
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group"}


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 7, "date": AT, "chat": PRIVATE, "from": PERSON, **content}


def heard(raw: dict[str, Any]) -> Turn | None:
    return parse({"update_id": 5, **raw}, NOW)


def said(**content: Any) -> Turn:
    turn = heard({"message": message(**content)})
    assert turn is not None
    return turn


def test_a_text_is_words_of_a_person() -> None:
    turn = said(text="/visit@xinqiao_bot 小禾", reply_to_message={"message_id": 3, "chat": PRIVATE, "date": 1})
    assert turn == Turn(
        5, Kind.WORDS, LI, LI, NOW, 7, "/visit@xinqiao_bot 小禾", reply_to=3, name="李 妈妈", language_code="zh-hans"
    )
    assert (turn.command, turn.argument) == ("visit", "小禾")


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("voice", MediaKind.VOICE),
        ("video", MediaKind.VIDEO),
        ("video_note", MediaKind.VIDEO),
        ("audio", MediaKind.FILE),
        ("document", MediaKind.FILE),
    ],
)
def test_files_are_media_with_their_caption(field: str, kind: MediaKind) -> None:
    file = {"file_id": "F", "file_unique_id": "U", "file_size": 9, "duration": 4, "mime_type": "a/b", "file_name": "n"}
    turn = said(**{field: file}, caption="看", media_group_id="13")
    assert (turn.kind, turn.words, turn.album) == (Kind.MEDIA, "看", "13")
    assert turn.media == Media(
        kind=kind, file_id="F", unique_id="U", size=9, seconds=4, caption="看", mime="a/b", name="n"
    )


def test_of_a_photo_the_largest_size_is_taken() -> None:
    widths = {"s": 90, "l": 1280, "m": 320}
    sizes = [{"file_id": name, "file_unique_id": name, "width": w, "height": w} for name, w in widths.items()]
    media = said(photo=sizes).media
    assert media is not None
    assert (media.kind, media.file_id) == (MediaKind.PHOTO, "l")


@pytest.mark.parametrize("content", ["sticker", "location", "dice", "poll", "of_next_year"])
def test_what_a_conversation_cannot_use_still_is_a_turn(content: str) -> None:
    assert said(**{content: {}}).kind is Kind.OTHER


def test_what_the_app_itself_says_is_nothing() -> None:
    assert heard({"message": message(pinned_message={"message_id": 1})}) is None


def test_t40_only_ones_own_contact_counts() -> None:
    own = {"phone_number": "+8613900000000", "first_name": "李", "user_id": LI}
    turn = said(contact=own)
    assert (turn.kind, turn.phone) == (Kind.CONTACT, "+8613900000000")
    others = [
        said(contact=own | {"user_id": 102}),
        said(contact={"phone_number": "1", "first_name": "x"}),
        said(contact=own, forward_origin={"type": "hidden_user", "date": 1}),
        said(contact=own, via_bot=ANONYMOUS),
    ]
    assert [(turn.kind, turn.phone) for turn in others] == [(Kind.OTHER, "")] * 4


@pytest.mark.parametrize(
    "borrowed", [{"forward_origin": {"type": "user"}}, {"forward_date": 1}, {"via_bot": ANONYMOUS}]
)
def test_t41_borrowed_words_are_marked(borrowed: dict[str, Any]) -> None:
    assert said(text="/start secret", **borrowed).forwarded
    assert not said(text="/start secret").forwarded


@pytest.mark.parametrize(
    "update",
    [
        {"message": message(chat=GROUP, text="/visit")},
        {"message": message(chat=GROUP, text="hello", **{"from": ANONYMOUS}, sender_chat=GROUP)},
        {"message": message(chat=GROUP, new_chat_members=[ANONYMOUS])},
        {"channel_post": {"message_id": 1, "date": AT, "chat": {"id": -1002, "type": "channel"}, "text": "x"}},
        {"guest_message": message(chat=GROUP, text="x")},
        {"callback_query": {"id": "9", "from": PERSON, "message": {"message_id": 4, "chat": GROUP}, "data": "c:1"}},
        {"my_chat_member": {"chat": GROUP, "from": PERSON, "date": AT, "new_chat_member": {"status": "member"}}},
    ],
)
def test_t41_nobody_is_known_in_a_group(update: dict[str, Any]) -> None:
    turn = heard(update)
    assert turn is not None
    assert turn.kind is Kind.GROUP
    assert turn.chat_id < 0
    assert (turn.user_id, turn.name, turn.words, turn.tap, turn.phone) == (0, "", "", "", "")


@pytest.mark.parametrize(
    "update",
    [
        {"edited_message": message(chat=GROUP, text="x", edit_date=AT)},
        {"my_chat_member": {"chat": GROUP, "from": PERSON, "date": AT, "new_chat_member": {"status": "kicked"}}},
        {"message": {key: value for key, value in message(text="x").items() if key != "from"}},
        {"message": message(text="x", **{"from": ANONYMOUS})},
        {"message": message(text="x", **{"from": PERSON | {"id": 999}})},
        {"poll_answer": {"poll_id": "1"}},
        {"of_next_year": {"x": 1}},
        {},
    ],
)
def test_t09_what_is_not_for_us_is_ignored(update: dict[str, Any]) -> None:
    assert heard(update) is None


@pytest.mark.parametrize(
    "raw",
    [
        {"update_id": 5, "message": None},
        {"update_id": 5, "message": "text"},
        {"update_id": 5, "message": message(date="yesterday")},
        {"update_id": 5, "message": message(date=10**20, text="x")},
        {"update_id": 5, "message": message(chat=None)},
        {"update_id": 5, "message": message(text={"secret": "words"})},
        {"update_id": 5, "message": message(text="half \ud83d")},
        {"update_id": 5, "callback_query": {"id": "9"}},
        {"update_id": 5, "my_chat_member": []},
    ],
)
def test_t09_a_broken_update_is_named_and_not_quoted(raw: dict[str, Any]) -> None:
    with pytest.raises(Unparsable, match=r"^update 5 could not be read$") as caught:
        parse(raw, NOW)
    assert caught.value.update_id == 5


@pytest.mark.parametrize("raw", [None, [], {}, {"update_id": "5"}, {"update_id": True}, {"update_id": None}])
def test_t09_an_update_without_a_number_has_the_number_zero(raw: Any) -> None:
    with pytest.raises(Unparsable) as caught:
        parse(raw, NOW)
    assert caught.value.update_id == 0


@pytest.mark.parametrize(
    "data", ["v:1:2", "x" * 64, "心" * 21, "\U0001f600\U0001f44d", "\x00\x01\ufffd\x7f", "' OR 1=1 --"]
)
def test_t37_a_tap_carries_whatever_it_carries(data: str) -> None:
    card = {"message_id": 4, "chat": PRIVATE, "date": 0}
    turn = heard({"callback_query": {"id": "99", "from": PERSON, "message": card, "chat_instance": "1", "data": data}})
    assert turn == Turn(5, Kind.TAP, LI, LI, NOW, 4, tap=data, tap_id="99", name="李 妈妈", language_code="zh-hans")


def test_t37_a_tap_without_data_or_message_is_still_a_tap() -> None:
    turn = heard({"callback_query": {"id": "99", "from": PERSON, "chat_instance": "1", "game_short_name": "g"}})
    assert turn is not None
    assert (turn.kind, turn.tap, turn.chat_id, turn.message_id) == (Kind.TAP, "", LI, 0)


def test_t34_a_tap_in_another_persons_chat_shows_both() -> None:
    card = {"message_id": 4, "chat": {"id": 102, "type": "private"}, "date": AT}
    turn = heard({"callback_query": {"id": "99", "from": PERSON, "message": card, "data": "v"}})
    assert turn is not None
    assert (turn.chat_id, turn.user_id) == (102, LI)


def test_t49_an_edit_is_no_second_message() -> None:
    turn = heard({"edited_message": message(text="/visit", edit_date=AT + 60)})
    assert turn is not None
    assert (turn.kind, turn.words, turn.message_id, turn.command) == (Kind.EDIT, "/visit", 7, "")
    assert turn.at.timestamp() == AT + 60


@pytest.mark.parametrize("status", ["kicked", "member"])
def test_stopping_the_bot_is_heard(status: str) -> None:
    change = {"chat": PRIVATE, "from": PERSON, "date": AT, "new_chat_member": {"status": status, "user": ANONYMOUS}}
    turn = heard({"my_chat_member": change})
    assert turn is not None
    assert (turn.kind, turn.words, turn.user_id) == (Kind.BLOCKED, status, LI)
