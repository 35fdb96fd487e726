"""Both catalogs are complete, and say the same in the words that the programme's people use."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from shutil import copytree
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message

from bot import catalogs
from bot.catalogs import catalog_path, extract, read_catalog, refresh, renewed
from bot.engine.i18n import LANGUAGES

ROOT = Path(__file__).parents[2]
ZH = "zh_Hans_CN"
OWN_NAMES = {ZH: "中文", "en": "English"}
LONGEST_LABEL = 20

_TAG = re.compile(r"</?[^<>]*>")
_CHINESE = re.compile("[\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_JARGON = re.compile(r"\b(nil|climbs?|legs?|circles?|rungs?)\b", re.IGNORECASE)
_OFFICE = re.compile("已阅|请知悉|填报|您的操作|操作成功|提交成功|敬请|贵|特此|予以")


@cache
def template() -> Catalog:
    return extract(ROOT)


@cache
def catalog(language: str) -> Catalog:
    return read_catalog(language, ROOT)


def messages(language: str) -> list[Message]:
    return [message for message in catalog(language) if message.id]


def translated(language: str) -> list[Message]:
    return [message for message in messages(language) if all(forms(message))]


def forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (message.string,)


def originals(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, (tuple, list)) else (message.id,)


def texts(language: str) -> Iterator[str]:
    for message in translated(language):
        yield from (*originals(message), *forms(message))


def places(pattern: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(pattern) if name is not None)


def tags(pattern: str) -> list[str]:
    return sorted(_TAG.findall(pattern))


# --- complete


def test_the_code_has_sentences_to_say() -> None:
    assert len(template()) > 300


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalog_holds_exactly_what_the_code_says(language: str) -> None:
    said, held = ({originals(message) for message in some if message.id} for some in (template(), catalog(language)))
    assert said - held == set(), "run: python3 run.py catalogs"
    assert held - said == set(), "run: python3 run.py catalogs"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_and_none_is_a_guess(language: str) -> None:
    assert [message.id for message in messages(language) if message.fuzzy or not all(forms(message))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refresh_would_change_nothing(language: str) -> None:
    present = catalog_path(language, ROOT).read_bytes()
    assert renewed(template(), language, ROOT) == present, "run: python3 run.py catalogs"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_number_of_plural_forms(language: str) -> None:
    expected = {True: catalog(language).num_plurals, False: 1}
    assert {ZH: 1, "en": 2}[language] == catalog(language).num_plurals
    assert [m.id for m in messages(language) if len(forms(m)) != expected[isinstance(m.id, tuple)]] == []


# --- the same meaning


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_places_of_its_sentence(language: str) -> None:
    """Where the number is one, a plural form may do without {count}."""
    wrong = []
    for message in translated(language):
        wanted = [places(original) for original in originals(message)]
        wrong += [form for form in forms(message) if places(form) not in wanted]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_tags_of_its_sentence(language: str) -> None:
    wrong = []
    for message in translated(language):
        wanted = tags(originals(message)[-1])
        wrong += [form for form in (*originals(message), *forms(message)) if tags(form) != wanted]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_tags_are_telegrams_own_and_every_one_is_closed_in_its_turn(language: str) -> None:
    wrong = []
    for text in texts(language):
        open_tags: list[str] = []
        for tag in _TAG.findall(text):
            name = re.fullmatch(r"</?(b|i|u|s|code)>", tag)
            if name is None or (tag[1] == "/" and (not open_tags or open_tags.pop() != name[1])):
                wrong.append(text)
            elif tag[1] != "/":
                open_tags.append(name[1])
        wrong += [text] if open_tags else []
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_blanks_and_lines_stand_where_they_stood(language: str) -> None:
    def shape(text: str) -> tuple[bool, bool, int]:
        return text[:1].isspace(), text[-1:].isspace(), text.count("\n")

    assert [m.id for m in translated(language) for form in forms(m) if shape(form) != shape(originals(m)[0])] == []


def test_commands_that_a_sentence_names_are_named_in_chinese_too() -> None:
    def commands(text: str) -> set[str]:
        return set(re.findall(r"(?<![<\w}])/[a-z]+", text))

    assert [m.id for m in translated(ZH) for form in forms(m) if commands(form) != commands(originals(m)[0])] == []


# --- the register


def test_each_language_has_its_own_name() -> None:
    told = {language: catalog(language)[catalogs.OWN_NAME].string for language in LANGUAGES}
    assert told == OWN_NAMES


def test_english_says_what_the_code_says() -> None:
    assert [m.id for m in translated("en") if forms(m) != originals(m) and m.id != catalogs.OWN_NAME] == []


def test_chinese_is_chinese() -> None:
    """What has words in English has them in Chinese; names of file formats and of this bot's commands may stay."""
    stay = re.compile(r"\{\w+\}|<[^>]+>|(?<!\w)/[a-z]+|CSV UTF-8|Excel|MB")
    latin = re.compile("[A-Za-z]")
    pairs = [(stay.sub("", originals(m)[0]), form) for m in translated(ZH) for form in forms(m)]
    assert [form for original, form in pairs if latin.search(original) and not _CHINESE.search(form)] == []
    assert [form for _, form in pairs if latin.search(stay.sub("", form))] == []


def test_chinese_has_its_own_punctuation() -> None:
    near = re.compile("[\u4e00-\u9fff}>][,;!?()](?!\\d)|[\u4e00-\u9fff][.:]")
    assert [form for m in translated(ZH) for form in forms(m) if near.search(form)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_houses_own_words_stay_in_the_house(language: str) -> None:
    assert [text for text in texts(language) if _JARGON.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_reads_that_a_child_is_left_behind(language: str) -> None:
    assert [text for text in texts(language) if re.search("留守|left.behind", text, re.IGNORECASE)] == []


def test_chinese_sounds_like_a_person() -> None:
    assert [text for text in texts(ZH) if _OFFICE.search(text)] == []


def test_who_is_spoken_to_is_spoken_to_politely() -> None:
    """您 for the reader; 你们 may be a child and a grown-up together."""
    assert [text for text in texts(ZH) if re.search("你(?!们)", text)] == []


def test_what_stands_on_a_button_is_short_in_chinese() -> None:
    """A label has no full stop, colon or new line in English; what fills its places is not counted."""
    labels = [
        m for m in translated(ZH) if not re.search(r"[.!?:,;\n]|<b>", originals(m)[0]) and len(originals(m)[0]) <= 45
    ]
    assert len(labels) > 100
    shown = [re.sub(r"\{\w+\}", "", form) for m in labels for form in forms(m)]
    assert [label for label in shown if len(label) > LONGEST_LABEL] == []


# --- the code


def sources() -> Iterable[Path]:
    return [*catalogs.sources(ROOT), ROOT / "run.py"]


def docstrings(tree: ast.AST) -> set[int]:
    """Strings that stand alone as a statement explain the code: of modules, classes, functions and names."""
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_chinese_stands_in_the_code(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    explaining = docstrings(tree)
    found = [
        f"{node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)) and id(node) not in explaining
        if _CHINESE.search(node.value if isinstance(node.value, str) else node.value.decode(errors="replace"))
    ]
    assert found == []


def test_every_sentence_is_marked_with_a_literal() -> None:
    """What is put together while running cannot be extracted."""
    wrong = []
    for path in catalogs.sources(ROOT):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in catalogs.KEYWORDS:
                marked = node.args[: 2 if node.func.id == "TN" else 1]
                if not all(isinstance(arg, ast.Constant) and isinstance(arg.value, str) for arg in marked):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []


# --- the command


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small house of its own, with one file of code."""
    for folder in catalogs.FOLDERS:
        (tmp_path / folder).mkdir()
    (tmp_path / "care" / "words.py").write_text('T("Good morning")\nTN("{count} child", "{count} children", 2)\n')
    return tmp_path


def translate(house: Path, english: str, chinese: str) -> None:
    path = catalog_path(ZH, house)
    text = path.read_text("utf-8")
    path.write_text(re.sub(rf'(msgid "{english}"\nmsgstr )""', rf'\1"{chinese}"', text), "utf-8")


def test_a_refresh_brings_new_sentences_in_and_fills_english(house: Path) -> None:
    refresh(house)
    english, chinese = read_catalog("en", house), read_catalog(ZH, house)
    assert english["Good morning"].string == "Good morning"
    assert english["{count} child"].string == ("{count} child", "{count} children")
    assert not chinese["Good morning"].string


def test_a_refresh_keeps_translations_and_drops_what_nobody_says(house: Path) -> None:
    refresh(house)
    translate(house, "Good morning", "早上好")
    (house / "bot" / "more.py").write_text('T("Good evening")\nT("Good morning")\n')
    refresh(house)
    chinese = read_catalog(ZH, house)
    assert chinese["Good morning"].string == "早上好"
    assert not chinese["Good evening"].string
    assert not chinese["Good evening"].fuzzy
    (house / "care" / "words.py").write_text("")
    refresh(house)
    assert [m.id for m in read_catalog(ZH, house) if m.id] == ["Good evening", "Good morning"]
    assert b"#~" not in catalog_path(ZH, house).read_bytes()


def test_a_refresh_of_the_same_code_writes_the_same_bytes(house: Path) -> None:
    copytree(ROOT / "locales", house / "locales")
    refresh(house)
    first = {language: catalog_path(language, house).read_bytes() for language in LANGUAGES}
    refresh(house)
    assert first == {language: catalog_path(language, house).read_bytes() for language in LANGUAGES}


def test_the_demos_own_words_are_not_in_the_catalogs(house: Path) -> None:
    (house / "bot" / "demo").mkdir()
    (house / "bot" / "demo" / "play.py").write_text('T("Only in the demo")\n')
    refresh(house)
    assert read_catalog("en", house).get("Only in the demo") is None
