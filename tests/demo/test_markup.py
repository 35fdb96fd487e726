"""Telegram's HTML and texts, with the places of mistakes in bytes."""

from typing import Any

import pytest

from bot.demo.display import safe_html
from bot.demo.errors import Refused
from bot.demo.markup import parse_html
from bot.demo.text import typed


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("plain &lt;b&gt; &amp; &quot; &#x5fc3;&#26725; &nbsp;", 'plain <b> & " 心桥 &nbsp;', []),
        ("<b>a</b>", "a", [("bold", 0, 1)]),
        ("😀<i>心</i>", "😀心", [("italic", 2, 1)]),
        ("<B>a<u>b</u></B>", "ab", [("bold", 0, 2), ("underline", 1, 1)]),
        (
            "<s>a</s><del>b</><tg-spoiler>c</tg-spoiler>",
            "abc",
            [("strikethrough", 0, 1), ("strikethrough", 1, 1), ("spoiler", 2, 1)],
        ),
        ("<span class='tg-spoiler'>a</span>", "a", [("spoiler", 0, 1)]),
        ('<a href="https://a.example/?x=1&amp;y=2">a</a>', "a", [("text_link", 0, 1)]),
        ('<pre><code class="language-py">x</code></pre>', "x", [("pre", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ("<b></b>a > b", "a > b", []),
    ],
)
def test_html_is_read(source: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    value = parse_html(source)
    assert value.text == text
    assert [(entity["type"], entity["offset"], entity["length"]) for entity in value.entities] == entities


def test_links_and_languages_keep_their_details() -> None:
    assert (
        parse_html('<a href="https://a.example/?x=1&amp;y=2">a</a>').entities[0]["url"] == "https://a.example/?x=1&y=2"
    )
    assert parse_html('<pre><code class="language-py">x</code></pre>').entities[0]["language"] == "py"
    assert parse_html('<a href="tg://user?id=5">a</a>').entities[0]["user"]["id"] == 5


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("🏟 🏟&lt;<abacaba", "Unclosed start tag at byte offset 13"),
        ("🏟 🏟&lt;<abac aba>", 'Unsupported start tag "abac" at byte offset 13'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<br>", 'Unsupported start tag "br" at byte offset 0'),
        ("<i   =aba>", 'Empty attribute name in the tag "i" at byte offset 0'),
        ("<i    aba>", 'Expected equal sign in declaration of an attribute of the tag "i" at byte offset 0'),
        ("<i    aba  =  ", 'Unclosed start tag "i" at byte offset 0'),
        ("<i    aba  =  190azAz-.,", "Unexpected end of name token at byte offset 14"),
        ("<i aba = '&lt;>", "Unclosed start tag at byte offset 0"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("</", "Unexpected end tag at byte offset 0"),
        ("心</b>", "Unexpected end tag at byte offset 3"),
        ("<i>a</i   ", "Unclosed end tag at byte offset 4"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
    ],
)
def test_mistakes_are_refused_with_their_place(source: str, error: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_html(source)
    assert caught.value.description == f"Bad Request: can't parse entities: {error}"


def test_what_is_typed_is_trimmed_and_searched() -> None:
    value = typed("  \u202e/visit@some_bot 😀 https://a.example/x。 \r\n")
    assert value.text == "/visit@some_bot 😀 https://a.example/x。"
    assert value.entities == (
        {"type": "bot_command", "offset": 0, "length": 15},
        {"type": "url", "offset": 19, "length": 19},
    )


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("<b>a<i>b</i></b>\n&lt;script&gt;", "<b>a</b><b><i>b</i></b><br>&lt;script&gt;"),
        ("<tg-spoiler>s</tg-spoiler><blockquote>q</blockquote>", "sq"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        (
            '<a href="https://a.example/&quot;onclick=&quot;x">x</a>',
            '<a href="https://a.example/&quot;onclick=&quot;x" rel="noopener noreferrer" target="_blank">x</a>',
        ),
        ("😀<b>心</b>", "😀<b>心</b>"),
    ],
)
def test_the_page_gets_safe_html(source: str, html: str) -> None:
    value = parse_html(source)
    assert safe_html(value.text, list(value.entities)) == html


def test_entities_out_of_place_do_no_harm() -> None:
    wild: list[dict[str, Any]] = [
        {"type": "bold", "offset": 1, "length": 900},
        {"type": "code", "offset": 50, "length": 2},
    ]
    assert safe_html("ab", wild) == "a<b>b</b>"
