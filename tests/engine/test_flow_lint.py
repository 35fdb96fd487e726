"""A Flow that is declared wrongly does not start."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from bot.app import registry
from bot.engine.flow import Ask, Flow, Shape, lint
from bot.engine.registry import Unsound, check
from care.access import Action
from care.people import Role
from care.records.contact_entry import ContactEntry
from care.records.fields import Line, Media, Note
from care.text import T


class Small(BaseModel):
    role: Role
    name: Line
    note: Note | None = None
    media: tuple[Media, ...] = ()


ROLE = Ask("role", T("Role"), T("Which role?"))
NAME = Ask("name", T("Name"), T("What name?"))
MEDIA = Ask("media", T("Photos"), T("Photos?"), optional=True)


def flow(*asks: Ask, **more: Any) -> Flow:
    return Flow("small", 1, Action.START, T("Small"), Small, asks, T("Done"), **more)


def test_every_flow_of_the_house_is_sound() -> None:
    assert {"visit", "talk", "activity"} <= set(registry().flows)


def test_a_sound_one_has_no_faults() -> None:
    assert lint(flow(ROLE, NAME, MEDIA)) == []


@pytest.mark.parametrize(
    ("asks", "fault"),
    [
        ((ROLE, MEDIA), "nobody asks for name"),
        ((ROLE, NAME), "photos and voice notes have nowhere to go"),
        ((ROLE, NAME, NAME, MEDIA), "asked twice"),
        ((ROLE, NAME, MEDIA, Ask("mood", T("Mood"), T("Mood?"))), "no such field"),
        ((ROLE, Ask("name", T("Name"), T("?"), optional=True), MEDIA), "neither optional nor skipped"),
        ((ROLE, NAME, MEDIA, Ask("note", T("N"), T("Of {child}?"), optional=True)), "which nobody answers"),
        ((Ask("role", T("Role"), T("?"), catch=True), NAME, MEDIA), "only a question for words"),
    ],
)
def test_faults_are_named(asks: tuple[Ask, ...], fault: str) -> None:
    assert any(fault in found for found in lint(flow(*asks))), lint(flow(*asks))


def test_an_unsound_flow_stops_the_start() -> None:
    with pytest.raises(Unsound, match="nobody asks for name"):
        check([flow(ROLE, MEDIA)], [], [])


def test_two_things_of_one_name_stop_the_start() -> None:
    sound = flow(ROLE, NAME, MEDIA)
    with pytest.raises(Unsound, match="/small is declared twice"):
        check([sound, sound], [], [])


@pytest.mark.parametrize(
    ("field", "shape"),
    [
        ("child", Shape.WORDS),
        ("on", Shape.DAY),
        ("mood", Shape.ONE),
        ("minutes", Shape.COUNT),
        ("company", Shape.MANY),
        ("note", Shape.WORDS),
        ("media", Shape.MEDIA),
        ("follow_up_by", Shape.DAY),
    ],
)
def test_the_shape_of_an_answer_is_read_from_its_type(field: str, shape: Shape) -> None:
    ask = Ask(field, T("x"), T("x"))
    visit = Flow("x", 1, Action.START, T("x"), ContactEntry, (ask,), T("x"))
    assert visit.shape(ask) is shape
    assert visit.future(ask) is (field == "follow_up_by")
