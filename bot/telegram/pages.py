"""A long text in several messages: cut at line ends where it can be, with every tag closed and opened again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

TEXT: Final = 4096
CAPTION: Final = 1024
"""Telegram's limits, counted after the tags are read. We count UTF-16 units, which are never fewer than characters."""

_BLANK = re.compile(r"(?:\s|</?\w+>)*")
_TOKEN = re.compile(r"<(/?)(\w+)[^>]*>|&#?\w+;|.", re.DOTALL)


def length(html: str) -> int:
    """What Telegram counts: tags are nothing, an entity is one."""
    if "<" not in html and "&" not in html:
        return _units(html)
    return sum(_weight(token) for token in _TOKEN.finditer(html))


def fits(html: str, limit: int) -> bool:
    """Whether it is at most `limit` long; of most texts one look tells."""
    return len(html) * 2 <= limit or length(html) <= limit


def _units(text: str) -> int:
    return len(text) + (0 if text.isascii() else sum(character > "\uffff" for character in text))


def _weight(token: re.Match[str]) -> int:
    if token[2]:
        return 0
    return 1 if len(token[0]) > 1 else _units(token[0])


def pages(html: str, limit: int) -> list[str]:
    """The whole text in messages of at most `limit`; only blank pages and the line ends at the cuts are left out."""
    if fits(html, limit):
        return [html]
    return [page for page in _pages(html, limit) if not _BLANK.fullmatch(page)] or [html]


def _pages(html: str, limit: int) -> Iterator[str]:
    page, room, opened, before = "", limit, list[str](), list[str]()
    for piece in _pieces(html, limit):
        size = length(piece)
        if size > room:
            yield _within(before, page, opened)
            page, room, before = "", limit, opened[:]
        page, room = page + piece, room - size
        _follow(opened, piece)
    yield _within(before, page, [])


def _within(before: Iterable[str], page: str, after: Sequence[str]) -> str:
    """The page with the tags that were open before it, and those open after it closed."""
    opening = "".join(f"<{tag}>" for tag in before)
    return opening + page.strip("\n") + "".join(f"</{tag}>" for tag in reversed(after))


def _pieces(html: str, limit: int) -> Iterator[str]:
    """Lines, each with its line end; a line longer than `limit` in parts."""
    for line in html.splitlines(keepends=True):
        if length(line) <= limit:
            yield line
        else:
            yield from _parts(line, limit)


def _parts(line: str, limit: int) -> Iterator[str]:
    part, room = "", limit
    for token in _TOKEN.finditer(line):
        weight = _weight(token)
        if weight > room:
            yield part
            part, room = "", limit
        part, room = part + token[0], room - weight
    yield part


def _follow(opened: list[str], piece: str) -> None:
    """Which tags are open after this piece. Ours carry no attributes."""
    for closing, tag in re.findall(r"<(/?)(\w+)[^>]*>", piece):
        if not closing:
            opened.append(tag)
        elif tag in opened:
            opened.remove(tag)
