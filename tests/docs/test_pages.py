"""What the pages say of files, commands, settings and names is so."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.docs.pages import ROOT, pages, prose, text

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"(?:python3 )?run\.py ([a-z]+)\b")
_USAGE = re.compile(r"^  ([a-z]+)  ", re.MULTILINE)
_ADDED = re.compile(r'add_parser\(\s*"([a-z]+)"')
_NAME = re.compile(r"`([A-Za-z_][\w.]*)`")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
FIRST_COMMANDS = ["python3 run.py demo", "python3 run.py test"]
GLOSSARY = "docs/glossary.md"


def shown(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_links_lead_to_what_is_there(page: Path) -> None:
    for link in _LINK.findall(prose(page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, place = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        assert not place or place in anchors(target), link


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = _HEADING.findall(prose(page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_commands_are_commands(page: Path) -> None:
    known = {*_USAGE.findall(text("run.py")), *_ADDED.findall(text("bot/__main__.py"))}
    assert {"demo", "test", "bot", "key"} <= known
    assert set(_COMMAND.findall(page.read_text("utf-8"))) <= known


def test_the_readme_begins_with_the_two_commands() -> None:
    first = re.search(r"^```\w*\n(.*?)^```$", text("README.md"), re.MULTILINE | re.DOTALL)
    assert first
    assert first[1].splitlines() == FIRST_COMMANDS
    assert text("README.md").startswith("![")


@pytest.mark.parametrize("name", [name.upper() for name in Settings.model_fields])
def test_every_setting_is_told(name: str) -> None:
    assert f"| `{name}` |" in text("docs/operating.md")
    assert f"`{name}`" in text("README.md")
    assert re.search(rf"^#?{name}=", text(".env.example"), re.MULTILINE)


def test_the_example_of_settings_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every default taken at its word."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    example = re.sub(r"^#(?=[A-Z_]+=)", "", text(".env.example"), flags=re.MULTILINE)
    (tmp_path / ".env").write_text(example)
    given, plain = Settings(_env_file=tmp_path / ".env"), Settings(_env_file=None)
    assert given == plain


@cache
def names_in_code() -> frozenset[str]:
    """Modules, classes, functions, constants and the values of enums."""
    found: set[str] = set()
    for folder in ("care", "storage", "bot", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= {path.stem, *path.parent.relative_to(ROOT).parts}
            found |= _names(ast.parse(path.read_text("utf-8")))
    return frozenset(found)


def _names(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.Name(id=name) | ast.arg(arg=name):
                found.add(name)
            case ast.Constant(value=str(name)) if len(name) < 40:
                found.add(name)
    return found


def test_names_of_the_glossary_stand_in_the_code() -> None:
    rows = [line for line in text(GLOSSARY).splitlines() if line.startswith("|")]
    named = [name for row in rows for name in _NAME.findall(row.rsplit("|", 2)[1])]
    assert len(named) > 60
    code = names_in_code()
    unknown = [name for name in named if name not in code and not set(name.split(".")) <= code]
    assert unknown == []
