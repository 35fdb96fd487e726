"""The fault plan of docs/reliability.md is whole, and each test that it names is there."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, text

PLAN = re.findall(r"^\| (T\d\d) \| (.+) \| (.+) \| (.+) \|$", text("docs/reliability.md"), re.MULTILINE)
_TEST = re.compile(r"\b([\w/]+\.py)::(test_\w+)")
_OF_THE_PLAN = re.compile(r"^(?:async )?def (test_(?:t\d\d_)+\w+)", re.MULTILINE)


def test_every_number_has_one_row() -> None:
    assert [number for number, *_ in PLAN] == [f"T{number:02}" for number in range(1, 66)]


@pytest.mark.parametrize(("number", "where"), [(number, where) for number, _, _, where in PLAN])
def test_a_row_names_tests_that_are_there_or_says_what_waits(number: str, where: str) -> None:
    named = _TEST.findall(where)
    assert named or len(where.partition("Waiting: ")[2]) > 20
    for path, name in named:
        code = (ROOT / "tests" / path).read_text("utf-8")
        assert re.search(rf"^(?:async )?def {name}\(", code, re.MULTILINE), f"{path}::{name}"


def test_what_is_tested_is_not_said_to_wait() -> None:
    found = {
        number.upper() for path in (ROOT / "tests").rglob("test_*.py") for number in numbers(path.read_text("utf-8"))
    }
    waiting = {number for number, _, _, where in PLAN if where.startswith("Waiting")}
    assert found & waiting == set()


def numbers(code: str) -> set[str]:
    return {number for name in _OF_THE_PLAN.findall(code) for number in re.findall(r"(?<=_)t\d\d(?=_)", name)}
