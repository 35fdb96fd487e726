"""How a check-in climbs and which answer stands: every rung once, none too late, one climb for a child."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from care.check_in import LADDER, Answer, Rung, State, Status, climb, status, takes

SENT = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    return SENT + timedelta(hours=hours)


def rungs(place: int, hours: float, held: float | None = None) -> list[Rung]:
    return [step.rung for step in climb(place, SENT, at(hours), at(held) if held is not None else None).said]


@pytest.mark.parametrize(
    ("place", "hours", "said"),
    [
        (0, 3.99, []),
        (0, 4, [Rung.REMIND]),
        (0, 9.99, [Rung.REMIND]),
        (0, 10, []),
        (0, 23, [Rung.TEACHER]),
        (1, 26, [Rung.TEACHER, Rung.VOLUNTEER]),
        (2, 26, [Rung.VOLUNTEER]),
        (0, 71.99, [Rung.TEACHER, Rung.VOLUNTEER, Rung.ABOVE]),
        (0, 72, []),
    ],
)
def test_a_rung_is_said_when_it_is_due_and_not_too_late(place: int, hours: float, said: list[Rung]) -> None:
    assert rungs(place, hours) == said


def test_each_rung_is_said_once_whenever_one_looks() -> None:
    place, heard = 0, []
    for minutes in range(0, 80 * 60, 7):
        risen = climb(place, SENT, SENT + timedelta(minutes=minutes))
        heard += [step.rung for step in risen.said]
        place = risen.place
        assert risen.next_at is None or risen.next_at > SENT + timedelta(minutes=minutes)
    assert heard == [step.rung for step in LADDER]


def test_while_an_older_question_climbs_the_newer_one_does_not() -> None:
    assert rungs(0, 26, held=24) == [Rung.VOLUNTEER]
    assert rungs(0, 50, held=49) == []


def test_it_ends_after_three_days() -> None:
    assert climb(4, SENT, at(71)).next_at == at(72)
    assert climb(4, SENT, at(72)).next_at is None


@pytest.mark.parametrize(
    ("standing", "closed", "said", "taken"),
    [
        (None, False, Answer.WELL, True),
        (Answer.CALL, False, Answer.WELL, False),
        (Answer.COME, False, Answer.CALL, False),
        (Answer.WORDS, False, Answer.WELL, False),
        (Answer.WELL, False, Answer.COME, True),
        (Answer.CALL, False, Answer.COME, True),
        (Answer.COME, True, Answer.WELL, True),
    ],
)
def test_the_graver_answer_stands_until_it_is_closed(
    standing: Answer | None, closed: bool, said: Answer, taken: bool
) -> None:
    assert takes(standing, closed, said) is taken


def test_how_it_stands() -> None:
    assert status(State.ASKED, None, False, False) is Status.SILENT
    assert status(State.ASKED, None, False, True) is Status.TO_CALL
    assert status(State.NOT_ASKED, None, False, False) is Status.TO_CALL
    assert status(State.ANSWERED, Answer.CALL, False, False) is Status.CALL
    assert status(State.ANSWERED, Answer.CALL, True, False) is Status.WELL
    assert status(State.ANSWERED, Answer.COME, False, True) is Status.URGENT
