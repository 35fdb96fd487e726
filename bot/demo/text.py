"""Text as Telegram keeps it: cleaned, trimmed, with entities counted in UTF-16 units."""

import re
from dataclasses import dataclass
from typing import Any

Entity = dict[str, Any]

# Line and paragraph separators and bidi overrides never survive sending; other controls become spaces.
_DROPPED = re.compile("[\r\u2028-\u202e]")
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f]")
# Characters that show nothing: a text made only of them counts as empty.
_BLANK = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2000-\u200f\u205f-\u206f\u2800\u3164\ufeff\uffa0]*"
)
_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>]*[^\s<>.,;:!?)。，；：！？）])"
    r"|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/])"
    r"|(?<!\w)(?P<mention>@[A-Za-z][A-Za-z0-9_]{3,31})\b"
    r"|(?<!\w)(?P<hashtag>#\w+)"
)
_OPAQUE = {"code", "pre", "text_link", "text_mention"}


@dataclass(frozen=True)
class Formatted:
    """A text and its entities, each with offset and length in UTF-16 units."""

    text: str
    entities: tuple[Entity, ...] = ()


def units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def clean(text: str) -> str:
    return _CONTROLS.sub(" ", _DROPPED.sub("", text))


def is_blank(text: str) -> bool:
    return _BLANK.fullmatch(text) is not None


def trim(value: Formatted) -> Formatted:
    """Cut white space off both ends; at the front only up to the first entity."""
    text = value.text.rstrip()
    entities = [_clip(entity, units(text)) for entity in value.entities]
    first = min((entity["offset"] for entity in entities), default=units(text))
    front = min(len(text) - len(text.lstrip(" \n")), first)
    moved = [entity | {"offset": entity["offset"] - front} for entity in entities if entity["length"] > 0]
    return Formatted(text[front:], tuple(moved))


def _clip(entity: Entity, end: int) -> Entity:
    return entity | {"length": min(entity["length"], end - entity["offset"])}


def find_entities(value: Formatted) -> Formatted:
    """Add the links, commands, mentions and tags that Telegram finds by itself."""
    taken = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in value.entities
        if entity["type"] in _OPAQUE
    ]
    found = []
    for match in _FOUND.finditer(value.text):
        start, length = units(value.text[: match.start()]), units(match.group())
        if not any(start < end and begin < start + length for begin, end in taken):
            found.append({"type": str(match.lastgroup), "offset": start, "length": length})
    return Formatted(value.text, tuple(sorted([*value.entities, *found], key=_order)))


def _order(entity: Entity) -> tuple[int, int]:
    return entity["offset"], -entity["length"]


def typed(text: str) -> Formatted:
    """What becomes of a text that a person typed."""
    return find_entities(trim(Formatted(clean(text))))
