"""Keeps the catalogs in step with the code: new sentences come in, unused ones go, English is the sentence itself."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as extract_marked
from babel.messages.pofile import read_po, write_po

from bot.engine.i18n import LANGUAGES

ROOT = Path(__file__).parent.parent
FOLDERS = ("care", "storage", "bot")
NOT_OURS = Path("bot/demo")
"""The demo's page has words of its own."""
KEYWORDS: dict[str, Any] = {"T": None, "TN": (1, 2)}
OWN_NAME = "English (the name of this language)"
"""The one sentence that stands for different things: each language calls itself by its own name."""

_HEADER = r"""msgid ""
msgstr ""
"Language: {language}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: {plural_forms}\n"

"""


def refresh(root: Path = ROOT) -> None:
    """Write every catalog anew. A sentence that nobody has translated yet stays empty there."""
    template = extract(root)
    for language in LANGUAGES:
        path = catalog_path(language, root)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(renewed(template, language, root))


def catalog_path(language: str, root: Path = ROOT) -> Path:
    return root / "locales" / language / "LC_MESSAGES" / "bot.po"


def extract(root: Path = ROOT) -> Catalog:
    """Every sentence marked in the code, file by file."""
    template = Catalog()
    for path in sources(root):
        place = (path.relative_to(root).as_posix(), 0)
        for _, msgid, _, _ in extract_marked("python", BytesIO(path.read_bytes()), keywords=KEYWORDS):
            template.add(msgid, locations=[place])
    return template


def sources(root: Path = ROOT) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if not path.is_relative_to(root / NOT_OURS):
                yield path


def renewed(template: Catalog, language: str, root: Path = ROOT) -> bytes:
    """The catalog as a file: the template's sentences with the translations that the present file has."""
    known = read_catalog(language, root)
    fresh = Catalog(locale=language)
    for message in template:
        if message.id:
            fresh.add(message.id, _translation(message, known, language), locations=message.locations)
    return _as_file(fresh, language)


def read_catalog(language: str, root: Path = ROOT) -> Catalog:
    path = catalog_path(language, root)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, ignore_obsolete=True)


def _translation(message: Message, known: Catalog, language: str) -> Any:
    if language == "en":
        return "English" if message.id == OWN_NAME else message.id
    kept = known.get(message.id[0] if isinstance(message.id, tuple) else message.id)
    same = kept is not None and kept.id == message.id and not kept.fuzzy
    return kept.string if kept and same else None


def _as_file(catalog: Catalog, language: str) -> bytes:
    """Without dates and line numbers, which would make every refresh a change."""
    out = BytesIO()
    out.write(_HEADER.format(language=language, plural_forms=catalog.plural_forms).encode())
    write_po(out, catalog, width=0, omit_header=True, include_lineno=False)
    return out.getvalue().rstrip() + b"\n"
