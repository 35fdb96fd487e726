"""The words of both languages, as the repository holds them."""

import tomllib
from pathlib import Path

import pytest

from care.words import Words

LOCALES = Path(__file__).parents[2] / "locales"


@pytest.fixture(scope="session")
def words() -> Words:
    return Words.from_tables(
        {name: tomllib.loads((LOCALES / name / "words.toml").read_text("utf-8")) for name in ("zh_Hans_CN", "en")}
    )
