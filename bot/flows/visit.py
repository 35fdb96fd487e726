"""/visit: a love mother logs a visit, a call or a letter on the child's contact card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.engine.asks import CONCERN, CONCERN_NOTE, FOLLOW_UP, FOLLOW_UP_BY, MEDIA, ON
from bot.engine.correct import WHY_CORRECTED
from bot.engine.flow import Ask, Flow
from bot.engine.offers import children_for
from care.access import Action
from care.records.contact_entry import ContactEntry, Mood
from care.text import T


def _met(answers: Mapping[str, Any]) -> bool:
    return answers.get("mood") not in (Mood.NOT_MET,)


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
        ON,
        Ask("how", T("How"), T("How were you in touch with {child}?")),
        Ask("mood", T("Mood"), T("How did {child} seem to you?")),
        Ask(
            "note",
            T("Note"),
            T("What would you like to note? You can type as much as you like."),
            optional=True,
            catch=True,
        ),
        MEDIA,
        CONCERN,
        CONCERN_NOTE,
        FOLLOW_UP,
        FOLLOW_UP_BY,
        Ask("study", T("Study"), T("How is school going for {child}?"), optional=True, when=_met),
        Ask("life", T("Daily life"), T("How is daily life: food, sleep, clothes, health?"), optional=True, when=_met),
        Ask("asked_for", T("Wish"), T("What did {child} ask for?"), optional=True, when=_met),
        Ask("gifts", T("Gifts"), T("What did you bring? How many, and about what value?"), optional=True, when=_met),
        Ask("company", T("Who else"), T("Who else was there?"), optional=True, when=_met),
        Ask("minutes", T("Minutes"), T("About how many minutes did it last?"), optional=True, when=_met),
        WHY_CORRECTED,
    ),
)
