"""Texts become words: catalogs, places, dates and lists, in the language of the person who reads."""

from __future__ import annotations

import html
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache
from gettext import c2py
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any, NamedTuple

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from care.text import Listing, Text, Value
from care.words import Words

LANGUAGES = ("zh_Hans_CN", "en")
_LOCALES = {"en": "en_GB"}
_ENGLISH = "en"

_TAG = re.compile(r"(</?(?:b|i|u|s|code)>)")
_INVISIBLE = {
    **dict.fromkeys(range(0x20)),
    **dict.fromkeys([0x7F, 0x61C, 0x200E, 0x200F, 0xFEFF]),
    **dict.fromkeys(range(0x202A, 0x202F)),
    **dict.fromkeys(range(0x2066, 0x206A)),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
    ord("\n"): "\n",
    ord("\t"): " ",
}


def tidy(own: str) -> str:
    """Somebody's own words without control characters and without marks that turn the text around them."""
    return own.translate(_INVISIBLE) if not own.isalnum() else own


def negotiate(language_code: str | None) -> str:
    """A phone's language tag becomes one of ours: English for English, the district's own for everybody else."""
    return "en" if re.split("[-_]", language_code or "")[0].lower() == "en" else "zh_Hans_CN"


class _Part(NamedTuple):
    """A piece of a pattern in both renderings, and the place that follows it."""

    plain: str
    rich: str
    place: str | None


@dataclass(frozen=True, slots=True)
class _Catalog:
    """`forms` holds, by English sentence, the sentence in each plural form (one where there is no plural)."""

    forms: dict[str, tuple[str, ...]]
    plural: Callable[[int], int]


def _read_catalog(path: Path, language: str) -> _Catalog:
    return _parse_catalog(path.read_bytes(), language)


@lru_cache(8)  # the demo and the tests open many bots in one process
def _parse_catalog(written: bytes, language: str) -> _Catalog:
    catalog = read_po(BytesIO(written), locale=language)
    forms = {}
    for message in catalog:
        strings = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
        if message.id and not message.fuzzy and all(strings):
            forms[message.id if isinstance(message.id, str) else message.id[0]] = tuple(filter(None, strings))
    return _Catalog(forms, c2py(catalog.plural_expr))


def _split(pattern: str) -> tuple[_Part, ...]:
    pieces = []
    for literal, place, _, _ in Formatter().parse(pattern):
        tokens = _TAG.split(literal)
        rich = "".join(token if _TAG.fullmatch(token) else html.escape(token, quote=False) for token in tokens)
        pieces.append(_Part("".join(tokens[::2]), rich, place))
    return tuple(pieces)


@lru_cache(8)
def _parse_words(*written: str) -> Words:
    return Words.from_tables([tomllib.loads(one) for one in written])


class Languages:
    """The catalogs of `folder`, read once. `names[0]` is the district's own language.

    `now` tells whether a date needs its year. `missing` counts what no catalog had: (language, English sentence).
    """

    def __init__(
        self, folder: Path, zone: tzinfo, now: Callable[[], datetime], names: Sequence[str] = LANGUAGES
    ) -> None:
        self.names = tuple(names)
        self.missing: Counter[tuple[str, str]] = Counter()
        self._folder, self._zone, self._now = folder, zone, now
        self._catalogs = {name: _read_catalog(folder / name / "LC_MESSAGES" / "bot.po", name) for name in names}
        self._locales = {name: Locale.parse(_LOCALES.get(name, name)) for name in names}
        self._patterns: dict[tuple[str, int, str], tuple[_Part, ...]] = {}
        self._whole: dict[tuple[str, str, bool], str] = {}
        self._words: Words | None = None
        self._day = lru_cache(2048)(self._format_day)
        self._forms = lru_cache(len(names))(self._read_forms)

    @property
    def words(self) -> Words:
        """What people type for dates, numbers, yes and no, in all languages together."""
        if self._words is None:
            files = [self._folder / name / "words.toml" for name in self.names]
            self._words = _parse_words(*(file.read_text("utf-8") for file in files))
        return self._words

    def form(self, name: str, language: str) -> Mapping[str, str]:
        """The fixed words of a printed form (`forms.toml`), which are none of the chat."""
        words: Mapping[str, str] = self._forms(self._known(language))[name]
        return words

    def _read_forms(self, language: str) -> dict[str, Any]:
        return tomllib.loads((self._folder / language / "forms.toml").read_text("utf-8"))

    def render(self, value: Value, language: str) -> str:
        """Plain text, for buttons, menus and pages."""
        return self._render(value, self._known(language), rich=False)

    def render_html(self, value: Value, language: str) -> str:
        """HTML of Telegram's kind: own words escaped, <b> and <i> of the catalogs kept."""
        return self._render(value, self._known(language), rich=True)

    def labels(self, value: Text) -> list[str]:
        """The plain forms in all languages, the district's own first: what a person may type in place of a tap."""
        return list(dict.fromkeys(self.render(value, name) for name in self.names))

    def _known(self, language: str) -> str:
        return language if language in self._catalogs else self.names[0]

    def _render(self, value: Value, language: str, rich: bool) -> str:
        if isinstance(value, Text):
            return self._own(value.msgid, rich) if value.raw else self._fill(value, language, rich)
        if isinstance(value, str):
            return self._own(value, rich)
        if isinstance(value, Listing):
            return self._list(value, language, rich)
        if isinstance(value, datetime):
            local = value.astimezone(self._zone)
            return f"{self._day(local.date(), language, self._year(), False)} {local:%H:%M}"
        if isinstance(value, date):
            return self._day(value, language, self._year(), True)
        return str(value) if -1000 < value < 1000 else format_decimal(value, locale=self._locales[language])

    def _own(self, own: str, rich: bool) -> str:
        return html.escape(tidy(own), quote=False) if rich else tidy(own)

    def _fill(self, text: Text, language: str, rich: bool) -> str:
        if text.places or text.plural is not None:
            return self._put_together(text, language, rich)
        key = (text.msgid, language, rich)
        whole = self._whole.get(key)
        if whole is None:
            whole = self._put_together(text, language, rich)
            if (language, text.msgid) not in self.missing:
                self._whole[key] = whole
        return whole

    def _put_together(self, text: Text, language: str, rich: bool) -> str:
        out, places = [], text.places
        for plain, marked, place in self._parts(text, language):
            out.append(marked if rich else plain)
            if place is not None:
                known = place in places
                out.append(self._render(places[place], language, rich) if known else self._other(text, place, language))
        return "".join(out)

    def _other(self, text: Text, name: str, language: str) -> str:
        """What stands in a place that was not filled."""
        if name == "count" and text.plural is not None:
            return self._render(text.number, language, rich=False)
        self.missing[language, text.msgid] += 1
        return "{" + name + "}"

    def _parts(self, text: Text, language: str) -> tuple[_Part, ...]:
        form = 0 if text.plural is None else self._catalogs[language].plural(abs(text.number))
        key = (text.msgid, form, language)
        parts = self._patterns.get(key)
        if parts is None:
            parts = _split(self._pattern(text, form, language))
            if (language, text.msgid) not in self.missing:
                self._patterns[key] = parts
        return parts

    def _pattern(self, text: Text, form: int, language: str) -> str:
        forms = self._catalogs[language].forms.get(text.msgid)
        if forms:
            return forms[min(form, len(forms) - 1)]
        self.missing[language, text.msgid] += 1
        return text.msgid if text.plural is None or abs(text.number) == 1 else text.plural

    def _list(self, listing: Listing, language: str, rich: bool) -> str:
        items = [self._render(item, language, rich) for item in listing.items]
        if listing.lines or len(items) < 2:
            return "\n".join(items)
        return format_list(items, locale=self._locales[language])

    def _year(self) -> int:
        return self._now().astimezone(self._zone).year

    def _format_day(self, day: date, language: str, this_year: int, weekday: bool) -> str:
        locale = self._locales[language]
        shown = format_skeleton("MMMd" if day.year == this_year else "yMMMd", day, locale=locale)
        if not weekday:
            return shown
        name = format_date(day, "EEE", locale=locale)
        leads = locale.date_formats["full"].pattern.startswith("E")
        return f"{name} {shown}" if leads else f"{shown} {name}"
