"""Telegram's HTML, read strictly: the first mistake is refused with its place in bytes."""

import re
from dataclasses import dataclass
from typing import Any

from bot.demo.errors import bad
from bot.demo.text import Entity, Formatted, units

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x([0-9a-f]{1,8})|#([0-9]{1,8})|([a-z]+));?", re.IGNORECASE)
_TAG_NAME = re.compile(r"[^\s>]*")
_END_TAG = re.compile(r"</([^\s>]*)\s*")
_ATTRIBUTE_NAME = re.compile(r"\s*([^\s=>]*)\s*")
_BARE_VALUE = re.compile(r"\s*([A-Za-z0-9.\-]*)")
_SPACE = re.compile(r"\s*")
_USER_LINK = re.compile(r"tg://user\?id=([0-9]+)")


@dataclass
class _Open:
    name: str
    attributes: dict[str, str]
    offset: int
    piece: int


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.pieces: list[str] = []
        self.offset = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def read(self) -> Formatted:
        while self.at < len(self.source):
            self._step()
        if self.open:
            raise _wrong(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        order = sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))
        return Formatted("".join(self.pieces), tuple(order))

    def _step(self) -> None:
        if self.source.startswith("</", self.at):
            self._close()
        elif self.source[self.at] == "<":
            self._start()
        else:
            self._text()

    def _text(self) -> None:
        reference = _REFERENCE.match(self.source, self.at)
        character = _decode(reference) if reference else ""
        if reference and character:
            self._add(character)
            self.at = reference.end()
            return
        end = min(
            (place for place in (self.source.find(mark, self.at + 1) for mark in "<&") if place > 0),
            default=len(self.source),
        )
        self._add(self.source[self.at : end])
        self.at = end

    def _add(self, text: str) -> None:
        self.pieces.append(text)
        self.offset += units(text)

    def _place(self, at: int) -> str:
        return f"at byte offset {len(self.source[:at].encode())}"

    def _peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def _start(self) -> None:
        begin = self.at
        match = _match(_TAG_NAME, self.source, begin + 1)
        self.at = match.end()
        if not self._peek():
            raise _wrong(f"Unclosed start tag {self._place(begin)}")
        name = match.group().lower()
        if name not in _TYPES:
            raise _wrong(f'Unsupported start tag "{name}" {self._place(begin)}')
        attributes = self._attributes(begin, name)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _wrong(f'Tag "span" must have class "tg-spoiler" {self._place(begin)}')
        self.open.append(_Open(name, attributes, self.offset, len(self.pieces)))

    def _attributes(self, begin: int, tag: str) -> dict[str, str]:
        found: dict[str, str] = {}
        self.at = _match(_SPACE, self.source, self.at).end()
        while self._peek() != ">":
            name, value = self._attribute(begin, tag)
            found[name] = value
            self.at = _match(_SPACE, self.source, self.at).end()
        self.at += 1
        return found

    def _attribute(self, begin: int, tag: str) -> tuple[str, str]:
        match = _match(_ATTRIBUTE_NAME, self.source, self.at)
        self.at = match.end()
        if not self._peek():
            raise _wrong(f'Unclosed start tag "{tag}" {self._place(begin)}')
        if not match.group(1):
            raise _wrong(f'Empty attribute name in the tag "{tag}" {self._place(begin)}')
        if self._peek() != "=":
            if tag == "blockquote":
                return match.group(1).lower(), ""
            raise _wrong(f'Expected equal sign in declaration of an attribute of the tag "{tag}" {self._place(begin)}')
        self.at = _match(_SPACE, self.source, self.at + 1).end()
        if not self._peek():
            raise _wrong(f'Unclosed start tag "{tag}" {self._place(begin)}')
        return match.group(1).lower(), self._value(begin)

    def _value(self, begin: int) -> str:
        quote = self._peek()
        if quote not in "\"'":
            match = _match(_BARE_VALUE, self.source, self.at)
            if self.source[match.end() : match.end() + 1] not in {" ", "\n", "\t", ">"}:
                raise _wrong(f"Unexpected end of name token {self._place(self.at)}")
            self.at = match.end()
            return match.group(1).lower()
        end = self.source.find(quote, self.at + 1)
        if end < 0:
            raise _wrong(f"Unclosed start tag {self._place(begin)}")
        value = self.source[self.at + 1 : end]
        self.at = end + 1
        return _REFERENCE.sub(lambda match: _decode(match) or match.group(), value)

    def _close(self) -> None:
        begin = self.at
        if not self.open:
            raise _wrong(f"Unexpected end tag {self._place(begin)}")
        match = _match(_END_TAG, self.source, begin)
        self.at = match.end()
        if self._peek() != ">":
            raise _wrong(f"Unclosed end tag {self._place(begin)}")
        tag, name = self.open.pop(), match.group(1).lower()
        if name and name != tag.name:
            raise _wrong(f'Unmatched end tag {self._place(begin)}, expected "</{tag.name}>", found "</{name}>"')
        self.at += 1
        if self.offset > tag.offset:
            self.entities += self._entity(tag)

    def _entity(self, tag: _Open) -> list[Entity]:
        entity: Entity = {"type": _TYPES[tag.name], "offset": tag.offset, "length": self.offset - tag.offset}
        if tag.name == "a":
            return _link(entity, tag.attributes.get("href") or "".join(self.pieces[tag.piece :]))
        if tag.name == "blockquote" and "expandable" in tag.attributes:
            entity["type"] = "expandable_blockquote"
        if tag.name == "tg-emoji":
            entity["custom_emoji_id"] = tag.attributes.get("emoji-id", "")
        if tag.name == "pre":
            self._take_language(entity)
        if tag.name == "code" and tag.attributes.get("class", "").startswith("language-"):
            entity["language"] = tag.attributes["class"].removeprefix("language-")
        return [entity]

    def _take_language(self, block: Entity) -> None:
        """`<pre><code class="language-x">` is one entity."""
        inner = self.entities[-1] if self.entities else {}
        if inner.get("type") == "code" and (inner["offset"], inner["length"]) == (block["offset"], block["length"]):
            self.entities.pop()
            if "language" in inner:
                block["language"] = inner["language"]


def _match(pattern: re.Pattern[str], source: str, at: int) -> re.Match[str]:
    match = pattern.match(source, at)
    assert match is not None  # every pattern used here matches the empty string or what was just seen
    return match


def _decode(reference: re.Match[str]) -> str:
    hexadecimal, decimal, name = reference.groups()
    if name:
        return _NAMED.get(name, "")
    number = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if 0xD800 <= number <= 0xDFFF:
        raise bad(
            "text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        )
    return chr(number) if 0 < number < 0x10FFFF else ""


def _link(entity: Entity, url: str) -> list[Entity]:
    user = _USER_LINK.match(url)
    if user:
        mentioned: dict[str, Any] = {"id": int(user[1]), "is_bot": False, "first_name": ""}
        return [entity | {"type": "text_mention", "user": mentioned}]
    if not re.match(r"(https?|tg|ton|mailto|tel):", url) and "." not in url:
        return []
    return [entity | {"url": url}]


def _wrong(reason: str) -> Exception:
    return bad(f"can't parse entities: {reason}")


def parse_html(source: str) -> Formatted:
    """Refused with "can't parse entities: ..." at the first mistake."""
    return _Reader(source).read()
