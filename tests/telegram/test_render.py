"""What the outbox holds, as calls of the Bot API."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from bot.engine.i18n import Languages
from bot.engine.message import Button, Content, Verb
from bot.telegram.pages import length, pages
from bot.telegram.render import Rendering, abreast, shorten
from care.records.fields import Media, MediaKind
from care.text import T, Text, lines, words

SAVED, TAP = T("Saved."), T("Got it")
PHOTO = Media(kind=MediaKind.PHOTO, file_id="F")


@pytest.fixture
def rendering(languages: Languages) -> Rendering:
    return Rendering(languages, "zh_Hans_CN", 101)


def test_a_message_is_html_without_previews(rendering: Rendering) -> None:
    (call,) = rendering.calls(Verb.SEND, Content(text=SAVED, buttons=((Button(TAP, data="k:1"),),)))
    assert call == (
        "sendMessage",
        {
            "chat_id": 101,
            "text": "<b>已保存</b>。",
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
            "reply_markup": {"inline_keyboard": [[{"text": "知道了", "callback_data": "k:1"}]]},
        },
    )


def test_what_names_a_child_is_not_forwarded(rendering: Rendering) -> None:
    (call,) = rendering.calls(Verb.SEND, Content(text=SAVED, protect=True))
    assert call.payload["protect_content"] is True


def test_an_edit_changes_the_card_or_makes_it(rendering: Rendering) -> None:
    content = Content(text=SAVED)
    (edit,) = rendering.calls(Verb.EDIT, content, card=9)
    assert (edit.method, edit.payload["message_id"]) == ("editMessageText", 9)
    assert "reply_markup" not in edit.payload
    (send,) = rendering.calls(Verb.EDIT, content)
    assert send.method == "sendMessage"


@pytest.mark.parametrize(
    ("verb", "content", "card", "expected"),
    [
        (Verb.STRIP, Content(), 9, [("editMessageReplyMarkup", {"chat_id": 101, "message_id": 9})]),
        (Verb.STRIP, Content(), 0, []),
        (Verb.DELETE, Content(message_id=4), 0, [("deleteMessage", {"chat_id": 101, "message_id": 4})]),
        (Verb.MENU, Content(), 0, [("deleteMyCommands", {"scope": {"type": "chat", "chat_id": 101}})]),
        (
            Verb.MENU,
            Content(menu=(("start", TAP),)),
            0,
            [("setMyCommands", {
                "scope": {"type": "chat", "chat_id": 101},
                "commands": [{"command": "start", "description": "知道了"}],
            })],
        ),
        (Verb.SEND, Content(media=PHOTO), 0, [("sendPhoto", {"chat_id": 101, "photo": "F"})]),
        (
            Verb.SEND,
            Content(media=Media(kind=MediaKind.VOICE, file_id="V"), text=SAVED),
            0,
            [("sendVoice", {"chat_id": 101, "voice": "V", "caption": "<b>已保存</b>。", "parse_mode": "HTML"})],
        ),
    ],
)  # fmt: skip
def test_each_verb_has_its_call(
    rendering: Rendering, verb: Verb, content: Content, card: int, expected: list[object]
) -> None:
    assert rendering.calls(verb, content, card) == expected


def test_a_caption_that_is_too_long_follows_as_a_message(rendering: Rendering) -> None:
    button = ((Button(TAP, data="k"),),)
    photo, text = rendering.calls(Verb.SEND, Content(text=words("&" * 1025), media=PHOTO, buttons=button))
    assert (photo.method, text.method) == ("sendPhoto", "sendMessage")
    assert "caption" not in photo.payload
    assert "reply_markup" not in photo.payload
    assert "reply_markup" in text.payload


def test_buttons_may_open_and_copy(rendering: Rendering) -> None:
    row = (Button(TAP, url="https://example.org"), Button(TAP, copy="x" * 300), Button(TAP))
    (call,) = rendering.calls(Verb.SEND, Content(text=SAVED, buttons=(row, ())))
    shown = call.payload["reply_markup"]["inline_keyboard"]
    assert [set(button) - {"text"} for button in shown[0]] == [{"url"}, {"copy_text"}, {"callback_data"}]
    assert len(shown) == 1
    assert len(shown[0][1]["copy_text"]["text"]) == 256


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("小禾", "小禾"),
        ("a" * 40, "a" * 40),
        ("a" * 41, "a" * 39 + "…"),
        ("心" * 20, "心" * 20),
        ("心" * 21, "心" * 19 + "…"),
        (" a\n b ", "a b"),
        ("", "…"),
        ("\n", "…"),
    ],
)
def test_a_label_fits_a_phone(label: str, shown: str) -> None:
    assert shorten(label) == shown


@pytest.mark.parametrize(
    ("labels", "in_rows"),
    [
        (["已经办妥", "是一场误会"], [2]),
        (["公安或有关部门在管", "孩子已经搬走"], [2]),
        (["It has been put right", "It was a misunderstanding"], [1, 1]),
        (["📞 小竹好", "🚪 小竹好", "✖ 没联系上"], [3]),
        (["📞 小竹：电话都好", "🚪 上门都好", "✖ 没联系上"], [1, 1, 1]),
        (["1", "2", "3", "4"], [4]),
    ],
)
def test_labels_that_would_be_cut_stand_one_below_the_other(labels: list[str], in_rows: list[int]) -> None:
    assert [len(row) for row in abreast([{"text": label} for label in labels])] == in_rows


def test_a_label_is_never_html(rendering: Rendering) -> None:
    (call,) = rendering.calls(Verb.SEND, Content(text=SAVED, buttons=((Button(words("<b>&"), data="k"),),)))
    assert call.payload["reply_markup"]["inline_keyboard"][0][0]["text"] == "<b>&"


def visible(page: str) -> str:
    return html.unescape(re.sub(r"</?\w+>", "", page))


@pytest.mark.parametrize("make", [lambda n: "心" * n, lambda n: "&amp;" * n, lambda n: "<b>" + "x" * n + "</b>"])
def test_t43_the_limit_is_counted_as_telegram_counts(make: Callable[[int], str]) -> None:
    assert pages(make(4096), 4096) == [make(4096)]
    assert len(pages(make(4097), 4096)) == 2


def test_t43_a_long_text_is_cut_at_line_ends_and_nothing_is_lost(rendering: Rendering) -> None:
    told = [f"{number} & 孩子说了很多话\U0001f600" for number in range(700)]
    calls = rendering.calls(Verb.SEND, Content(text=T("<b>{note}</b>", note=lines(told)), protect=True))
    texts = [call.payload["text"] for call in calls]
    assert len(texts) > 2
    assert all(length(text) <= 4096 for text in texts)
    assert all(text.startswith("<b>") and text.endswith("</b>") for text in texts)
    assert "\n".join(visible(text) for text in texts) == "\n".join(told)
    assert all(call.payload["protect_content"] for call in calls)


def test_t43_a_line_without_end_is_cut_between_characters(rendering: Rendering) -> None:
    note = "&\U0001f600" * 5000
    texts = [call.payload["text"] for call in rendering.calls(Verb.SEND, Content(text=words(note)))]
    assert "".join(visible(text) for text in texts) == note
    assert all(length(text) <= 4096 for text in texts)


def test_t43_blank_stretches_make_no_blank_message() -> None:
    found = pages("a" + "\n" * 9000 + "b", 4096)
    assert [page.strip() for page in found] == ["a", "b"]


def test_t43_a_card_that_outgrew_a_message_follows_below(rendering: Rendering) -> None:
    content = Content(text=words("x" * 5000), buttons=((Button(TAP, data="k"),),))
    strip, first, last = rendering.calls(Verb.EDIT, content, card=9)
    assert (strip.method, strip.payload) == ("editMessageReplyMarkup", {"chat_id": 101, "message_id": 9})
    assert "reply_markup" not in first.payload
    assert "reply_markup" in last.payload


def test_the_language_is_that_of_the_reader(languages: Languages) -> None:
    text = Text("Saved.")
    (call,) = Rendering(languages, "en", 1).calls(Verb.SEND, Content(text=text))
    assert call.payload["text"] == "<b>Saved</b>."
