"""Check-ins (报平安): what a family can answer, which answer stands, and how a question climbs that nobody answers.

Pure: the moments are arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType

from care.people import Labelled
from care.text import T, Text

ASK_HOUR = 10
ASK_UNTIL = time(20)
"""From then on a day's question is asked no more."""


class Answer(Labelled):
    WELL = "well", T("👍 All well")
    CALL = "call", T("📞 Call me back")
    COME = "come", T("🆘 It is urgent, come to me now")
    WORDS = "words", T("in their own words")


BUTTONS = (Answer.WELL, Answer.CALL, Answer.COME)
_GRAVITY: Mapping[Answer, int] = MappingProxyType({Answer.WELL: 0, Answer.WORDS: 1, Answer.CALL: 2, Answer.COME: 3})


class State(StrEnum):
    """ASKING: the question is on its way; LISTED: there was nobody to ask here; LATER: answered with a newer one."""

    ASKING = "asking"
    ASKED = "asked"
    LISTED = "listed"
    NOT_ASKED = "not_asked"
    ANSWERED = "answered"
    LATER = "later"
    MISSED = "missed"


SILENT = frozenset({State.ASKING, State.ASKED, State.LISTED})
"""Nobody has answered yet, and it is still asked for."""


class Status(Labelled):
    """How a child's check-in stands, for those who care for it."""

    URGENT = "urgent", T("🔴 come now")
    CALL = "call", T("📞 call back")
    UNHEARD = "unheard", T("👂 for you to hear")
    TO_CALL = "to_call", T("📋 for you to call")
    SILENT = "silent", T("❔ no answer yet")
    WELL = "well", T("👍 all well")

    @property
    def mark(self) -> str:
        return self.label.msgid.partition(" ")[0]

    @property
    def seen_from_above(self) -> Text:
        """For who looks on, and does not call."""
        return _FROM_ABOVE.get(self.value, self.label)


_FROM_ABOVE: Mapping[str, Text] = MappingProxyType(
    {
        Status.CALL.value: T("📞 the teacher calls back"),
        Status.UNHEARD.value: T("👂 for the teacher to hear"),
        Status.TO_CALL.value: T("📋 for the teacher to call"),
    }
)
_WAITS = MappingProxyType({Answer.COME: Status.URGENT, Answer.CALL: Status.CALL, Answer.WORDS: Status.UNHEARD})


def status(state: State, answer: Answer | None, closed: bool, listed: bool) -> Status:
    if answer in _WAITS and answer is not None and not closed:
        return _WAITS[answer]
    if state in (State.ANSWERED, State.LATER):
        return Status.WELL
    return Status.TO_CALL if listed or state is State.NOT_ASKED else Status.SILENT


def takes(standing: Answer | None, closed: bool, said: Answer) -> bool:
    """Whether what is said now takes the place of what was said: the graver answer stands until an adult closes it."""
    return standing is None or closed or _GRAVITY[said] > _GRAVITY[standing]


class Rung(StrEnum):
    REMIND = "remind"
    TEACHER = "teacher"
    VOLUNTEER = "volunteer"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Step:
    """Said so long after the question was sent, and no more from `limit` on, counted from the same moment."""

    rung: Rung
    after: timedelta
    limit: timedelta


LONGEST = timedelta(hours=72)
LADDER = (
    Step(Rung.REMIND, timedelta(hours=4), timedelta(hours=10)),
    Step(Rung.TEACHER, timedelta(hours=22), LONGEST),
    Step(Rung.VOLUNTEER, timedelta(hours=26), LONGEST),
    Step(Rung.ABOVE, timedelta(hours=48), LONGEST),
)
FIRST, FROM_TEACHER = 0, 1
"""Where a question begins to climb, and where what only a teacher can settle does."""


@dataclass(frozen=True, slots=True)
class Climb:
    """`said`: the rungs to be said now. `place`: the rung that comes next; `next_at`: when, None after the end."""

    said: tuple[Step, ...]
    place: int
    next_at: datetime | None


def climb(place: int, since: datetime, now: datetime, held_until: datetime | None = None) -> Climb:
    """Where a question that was sent at `since` and stands at `place` has got to.

    `held_until`: so long an older question about the same child climbs in its place; what falls before is left out.
    """
    said = []
    while place < len(LADDER) and since + LADDER[place].after <= now:
        step = LADDER[place]
        timely = now < since + step.limit
        if timely and (held_until is None or since + step.after >= held_until):
            said.append(step)
        place += 1
    if place < len(LADDER):
        return Climb(tuple(said), place, since + LADDER[place].after)
    end = since + LONGEST
    return Climb(tuple(said), place, end if end > now else None)
