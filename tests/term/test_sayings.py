"""The checker knows what people read by texts of its own; they must be those that people read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.term.checker.sayings import DIGEST, INSTEAD, SAYINGS, Saying

LOCALES = Path(__file__).parent.parent.parent / "locales"


def _catalog(name: str) -> set[str]:
    with (LOCALES / name / "LC_MESSAGES" / "bot.po").open("rb") as file:
        strings = [message.string for message in read_po(file) if message.id]
    return {_bare(form) for one in strings for form in ((one,) if isinstance(one, str) else one)}


def _bare(text: str) -> str:
    """Without bold, and whatever the places are called."""
    return re.sub(r"\{\w+\}", "{}", re.sub(r"</?[bi]>", "", text))


@pytest.fixture(scope="module")
def catalogs() -> dict[str, set[str]]:
    return {"zh": _catalog("zh_Hans_CN"), "en": _catalog("en")}


@pytest.mark.parametrize("saying", [*SAYINGS, INSTEAD], ids=lambda saying: f"{saying.kind} {saying.en[:30]}")
def test_each_saying_is_in_the_catalogs(catalogs: dict[str, set[str]], saying: Saying) -> None:
    for language, said in (("zh", saying.zh), ("en", saying.en)):
        assert _known(_bare(said.removesuffix("{rest}")), catalogs[language]), said


def _known(said: str, catalog: set[str]) -> bool:
    """A first line, or two sentences put together."""
    if any(one.startswith(said) for one in catalog):
        return True
    ends = (catalog | {one.removeprefix("{}").lstrip() for one in catalog}) - {"", "{}"}
    begins = (said.removesuffix(one) for one in ends if said.endswith(one))
    return any({begin.strip(), begin + "{}"} & catalog for begin in begins)


def test_the_digest_begins_as_it_is_known(catalogs: dict[str, set[str]]) -> None:
    for language, said in DIGEST.items():
        assert any(one.startswith(said) for one in catalogs[language])
