"""/visit: a love mother logs a visit, a call or a letter on the child's contact card."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.engine.correct import WHY_CORRECTED
from bot.engine.flow import Ask, Flow
from bot.engine.offers import children_for
from care.access import Action
from care.records.contact_entry import ContactEntry, Mood
from care.records.fields import Level
from care.text import T


def _today(today: date) -> str:
    return today.isoformat()


def _met(answers: Mapping[str, Any]) -> bool:
    return answers.get("mood") not in (Mood.NOT_MET,)


def _worried(answers: Mapping[str, Any]) -> bool:
    return answers.get("concern", Level.NONE) in (Level.WATCH, Level.URGENT)


def _promised(answers: Mapping[str, Any]) -> bool:
    return bool(answers.get("follow_up"))


FLOW = Flow(
    "visit",
    version=1,
    needs=Action.LOG_VISIT,
    title=T("Log a visit or call"),
    record=ContactEntry,
    done=T("✅ Saved. Thank you for being there!"),
    given="child",
    asks=(
        Ask(
            "child",
            T("Child"),
            T("Who did you see or speak to?"),
            children_for(Action.LOG_VISIT),
            nobody=T("No child is paired with you at the moment. Your coordinator can help."),
        ),
        Ask("on", T("Day"), T("Which day was it?"), optional=True, default=_today),
        Ask("how", T("How"), T("How were you in touch with {child}?")),
        Ask("mood", T("Mood"), T("How did {child} seem to you?")),
        Ask(
            "note",
            T("Note"),
            T("What would you like to note? You can type as much as you like."),
            optional=True,
            catch=True,
        ),
        Ask("media", T("Photo, voice"), T("Send photos or a voice note, one after the other."), optional=True),
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
        ),
        Ask("follow_up", T("Promised"), T("What did you promise, or what is still to be done?"), optional=True),
        Ask("follow_up_by", T("To be done by"), T("By when?"), when=_promised, skip=T("No fixed day")),
        Ask("study", T("Study"), T("How is school going for {child}?"), optional=True, when=_met),
        Ask("life", T("Daily life"), T("How is daily life: food, sleep, clothes, health?"), optional=True, when=_met),
        Ask("asked_for", T("Wish"), T("What did {child} ask for?"), optional=True, when=_met),
        Ask("gifts", T("Gifts"), T("What did you bring? How many, and about what value?"), optional=True, when=_met),
        Ask("company", T("Who else"), T("Who else was there?"), optional=True, when=_met),
        Ask("minutes", T("Minutes"), T("About how many minutes did it last?"), optional=True, when=_met),
        WHY_CORRECTED,
    ),
)
