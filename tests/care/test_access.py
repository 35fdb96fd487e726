"""Who may do what, as one golden table: a change of rights shows in review."""

from __future__ import annotations

from pathlib import Path

import pytest

from care.access import MAY, Action, may, reach, require
from care.people import Actor, Grant, Role
from care.refusal import Refusal

GOLDEN = Path(__file__).parent / "access.txt"


def table() -> str:
    width = max(len(action) for action in Action)
    heading = " " * width + "  " + "  ".join(Role)
    rows = [
        f"{action:<{width}}  "
        + "  ".join(("x" if role in MAY.get(action, ()) else ".").center(len(role)) for role in Role).rstrip()
        for action in Action
    ]
    return "\n".join([heading, *rows]) + "\n"


def test_the_table_is_the_one_that_was_reviewed() -> None:
    assert table() == GOLDEN.read_text("utf-8")


def test_every_action_but_start_stands_in_the_table() -> None:
    assert set(MAY) == set(Action) - {Action.START}


def test_a_stranger_may_only_start() -> None:
    stranger = Actor("", 1, "en")
    assert [action for action in Action if may(stranger, action)] == [Action.START]
    with pytest.raises(Refusal):
        require(stranger, Action.LOG_VISIT)


def test_reach_counts_only_the_roles_that_hold_the_permission() -> None:
    both = Actor(
        "p",
        1,
        "en",
        (Grant(Role.TEACHER, homes=frozenset({"h1"})), Grant(Role.GUARDIAN, children=frozenset({"c9"}))),
    )
    assert reach(both, Action.LOG_TALK).homes == {"h1"}
    assert not reach(both, Action.LOG_TALK).children
    assert reach(both, Action.LOG_VISIT).nothing


def test_only_the_coordinator_reaches_the_district() -> None:
    for role in Role:
        grant = Grant(role, homes=frozenset({"h"}), children=frozenset({"c"}))
        found = [action for action in MAY if reach(Actor("p", 1, "en", (grant,)), action).district]
        assert bool(found) is (role is Role.COORDINATOR)
