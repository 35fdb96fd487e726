"""/talk: a teacher records a talk with a child or a few. What is typed leaves the chat as soon as it is in the sealed
draft."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.engine.correct import WHY_CORRECTED
from bot.engine.flow import Ask, Flow
from bot.engine.offers import children_for
from care.access import Action
from care.records.fields import Level
from care.records.talk import Talk
from care.text import T


def _today(today: date) -> str:
    return today.isoformat()


def _worried(answers: Mapping[str, Any]) -> bool:
    return answers.get("concern", Level.NONE) in (Level.WATCH, Level.URGENT)


def _promised(answers: Mapping[str, Any]) -> bool:
    return bool(answers.get("follow_up"))


FLOW = Flow(
    "talk",
    version=1,
    needs=Action.LOG_TALK,
    title=T("Record a talk"),
    record=Talk,
    done=T("✅ Saved. Only you and those who care for this child can read it."),
    given="children",
    asks=(
        Ask(
            "children",
            T("Child"),
            T("Who did you talk with? Tap one or more, or type a name."),
            children_for(Action.LOG_TALK),
            nobody=T("No child is registered in your home yet. Your coordinator can help."),
        ),
        Ask("on", T("Day"), T("Which day was it?"), optional=True, default=_today),
        Ask("reason", T("Why"), T("Why did you talk?")),
        Ask("topics", T("About"), T("What was it about?")),
        Ask(
            "said",
            T("What was said"),
            T(
                "What was said? Type it here; I take your message out of the chat at once. A voice note "
                "will do as well."
            ),
            skip=T("Nothing to add"),
            sensitive=True,
            catch=True,
        ),
        Ask("thinks", T("Child's thoughts"), T("What does the child think and feel?"), optional=True, sensitive=True),
        Ask("agreed", T("Agreed"), T("What did you agree on?"), optional=True, sensitive=True),
        Ask("outcome", T("What came of it"), T("What came of it?"), optional=True, sensitive=True),
        Ask(
            "concern",
            T("Worry"),
            T("Does anything worry you? With “Urgent”, the teacher, the school and the coordinator are told at once."),
            optional=True,
        ),
        Ask(
            "concern_note",
            T("What worries you"),
            T("What worries you? A sentence is enough."),
            when=_worried,
            skip=T("Add no words"),
            sensitive=True,
        ),
        Ask(
            "follow_up",
            T("Promised"),
            T("What did you promise, or what is still to be done?"),
            optional=True,
            sensitive=True,
        ),
        Ask("follow_up_by", T("To be done by"), T("By when?"), when=_promised, skip=T("No fixed day")),
        Ask("family_informed", T("Family told"), T("Have you told the family?"), optional=True),
        Ask("place", T("Place"), T("Where was it?"), optional=True),
        Ask("media", T("Photo, voice"), T("Send photos or a voice note, one after the other."), optional=True),
        WHY_CORRECTED,
    ),
)
