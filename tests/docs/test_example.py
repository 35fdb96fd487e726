"""The conversation that docs/adding-a-conversation.md builds is built from the page itself, and works."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from io import BytesIO
from pathlib import Path
from string import Formatter
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.app import LOCALES, registry
from bot.engine.flow import Flow
from bot.engine.registry import check
from care.records.base import Record
from tests.docs.pages import files_shown, text

PAGE = "docs/adding-a-conversation.md"
CATALOG = "locales/zh_Hans_CN/LC_MESSAGES/bot.po"


@pytest.fixture
def files() -> dict[str, str]:
    return files_shown(text(PAGE))


@pytest.fixture
def modules(files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    """The page's modules under the names that they would have in the house."""
    return {path: _imported(path, code, tmp_path, monkeypatch) for path, code in files.items() if path.endswith(".py")}


def _imported(path: str, code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    file, name = folder / path.replace("/", "_"), path.removesuffix(".py").replace("/", ".")
    file.write_text(code, "utf-8")
    spec = spec_from_file_location(name, file)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


def the_flow(modules: dict[str, ModuleType]) -> Flow:
    flow = next(module.FLOW for module in modules.values() if hasattr(module, "FLOW") and "flows" in module.__name__)
    assert isinstance(flow, Flow)
    return flow


def test_the_page_shows_a_record_a_flow_a_test_and_a_catalog(files: dict[str, str]) -> None:
    folders = [path.rpartition("/")[0] for path in files]
    assert folders == ["care/records", "bot/flows", "tests/flows", "locales/zh_Hans_CN/LC_MESSAGES"]


def test_its_own_test_passes(modules: dict[str, ModuleType]) -> None:
    tests = [thing for name, thing in vars(modules["tests/flows/test_family_call.py"]).items() if name[:5] == "test_"]
    assert tests
    for test in tests:
        test()


def test_it_has_its_place_among_the_conversations_of_the_house(modules: dict[str, ModuleType]) -> None:
    flow, present = the_flow(modules), registry()
    assert flow.name not in present.flows
    assert flow.name not in present.commands
    assert check([*present.flows.values(), flow], list(present.commands.values()), present.rules).flows[flow.name]


def test_every_new_sentence_is_translated_with_the_same_places(
    files: dict[str, str], modules: dict[str, ModuleType]
) -> None:
    shown = read_po(BytesIO(files[CATALOG].encode()), locale="zh_Hans_CN")
    with (LOCALES / "zh_Hans_CN" / "LC_MESSAGES" / "bot.po").open("rb") as file:
        present = read_po(file, locale="zh_Hans_CN")
    flow = the_flow(modules)
    assert issubclass(flow.record, Record)
    for sentence in (one.msgid for one in (*flow.texts(), flow.record.title)):
        assert places(said(sentence, shown, present)) == places(sentence)
    for message in shown:
        assert not message.id or message.string, message.id


def said(sentence: str, *catalogs: Catalog) -> str:
    found = next((known for one in catalogs if (known := one.get(sentence)) and known.string), None)
    assert found, sentence
    return str(found.string)


def places(pattern: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(pattern) if name is not None)
