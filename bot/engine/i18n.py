"""Texts become words: catalogs, places, dates and lists, in the language of the person who reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from care.text import Text, Value

if TYPE_CHECKING:
    from care.words import Words

LANGUAGES = ("zh_Hans_CN", "en")


class Languages:
    """The catalogs of `folder`, read once. `names[0]` is the district's own language; `now` tells whether a date needs its year."""

    names: tuple[str, ...]
    missing: Counter[tuple[str, str]]
    """(language, msgid) that no catalog had, and how often it was asked for."""

    def __init__(self, folder: Path, zone: ZoneInfo, now: Callable[[], datetime], names: Sequence[str] = LANGUAGES) -> None: ...

    @property
    def words(self) -> Words:
        raise NotImplementedError

    def render(self, value: Value, language: str) -> str:
        """Plain text, for buttons, menus and pages."""
        raise NotImplementedError

    def render_html(self, value: Value, language: str) -> str:
        """HTML of Telegram's kind: own words escaped, <b> and <i> of the catalogs kept."""
        raise NotImplementedError

    def labels(self, value: Text) -> list[str]:
        """The plain forms in all languages, the district's own first."""
        raise NotImplementedError


def negotiate(language_code: str | None) -> str:
    """A phone's language tag becomes one of ours."""
    raise NotImplementedError
