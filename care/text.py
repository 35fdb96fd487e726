"""A sentence that is not yet in any language: what we say travels and is stored as a Text, and becomes words only
when it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple, Union

Value = Union[str, int, date, datetime, "Text", "Listing"]


_NONE: Mapping[str, Any] = MappingProxyType({})


class Text(NamedTuple):
    """A message id (the English sentence) and what stands in its {places}.

    `plural` and `number` choose among plural forms; {count} stands for the number. A Text with `raw=True` is somebody's
    own words: `msgid` is shown literally, in no language and never as a pattern.
    """

    msgid: str
    places: Mapping[str, Value] = _NONE
    plural: str | None = None
    number: int = 0
    raw: bool = False

    def __call__(self, **places: Value) -> Text:
        """The same sentence with these places filled in."""
        return Text(self.msgid, {**self.places, **places}, self.plural, self.number, self.raw)


@dataclass(frozen=True, slots=True)
class Listing:
    """Several things said in a row: as a phrase ('a, b and c') or as lines, one below the other."""

    items: tuple[Value, ...]
    lines: bool = False


def T(msgid: str, /, **places: Value) -> Text:
    """Mark and make a sentence. The catalogs are extracted from the calls of this name."""
    return Text(msgid, places)


def TN(singular: str, plural: str, count: int, /, **places: Value) -> Text:
    """A sentence that depends on a number; {count} stands for the number itself."""
    return Text(singular, places, plural, count)


def words(own: str) -> Text:
    """Somebody's own words, shown as they are."""
    return Text(own, raw=True)


def phrase(items: Iterable[Value]) -> Listing:
    return Listing(tuple(items))


def lines(items: Iterable[Value]) -> Listing:
    return Listing(tuple(items), lines=True)


def pack(value: Value | None) -> Any:
    """A JSON value from which `unpack` makes the same again."""
    if isinstance(value, Text):
        msgid, places, plural, number, raw = value
        packed: dict[str, Any] = {"t": msgid}
        if places:
            packed["p"] = {name: place if type(place) is str else pack(place) for name, place in places.items()}
        if plural is not None:
            packed |= {"n": plural, "c": number}
        if raw:
            packed["r"] = 1
        return packed
    if isinstance(value, Listing):
        return {"l": [pack(item) for item in value.items], "b": int(value.lines)}
    if isinstance(value, date):
        return {"at" if isinstance(value, datetime) else "d": value.isoformat()}
    return value


def unpack(packed: Any) -> Any:
    if not isinstance(packed, dict):
        return packed
    if "t" in packed:
        places = {name: unpack(place) for name, place in packed.get("p", {}).items()}
        return Text(packed["t"], places, packed.get("n"), packed.get("c", 0), bool(packed.get("r")))
    if "l" in packed:
        return Listing(tuple(unpack(item) for item in packed["l"]), bool(packed["b"]))
    if "at" in packed:
        return datetime.fromisoformat(packed["at"])
    return date.fromisoformat(packed["d"])
