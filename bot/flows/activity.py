"""/activity: a teacher quick-reports an activity of the home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.engine.asks import MEDIA, ON
from bot.engine.correct import WHY_CORRECTED
from bot.engine.flow import Ask, Flow
from bot.engine.offers import children_for, homes_for
from care.access import Action
from care.records.activity import Activity
from care.text import T


def _not_ticked(answers: Mapping[str, Any]) -> bool:
    return not answers.get("children")


FLOW = Flow(
    "activity",
    version=1,
    needs=Action.LOG_ACTIVITY,
    title=T("Report an activity"),
    record=Activity,
    done=T("✅ Saved. Well done!"),
    asks=(
        Ask("home", T("Home"), T("Which children's home was it?"), homes_for(Action.LOG_ACTIVITY)),
        ON,
        Ask("what", T("Kind"), T("What kind of activity was it?")),
        Ask(
            "children",
            T("Children"),
            T("Who took part? Tap the names, or all at once."),
            children_for(Action.LOG_ACTIVITY),
            skip=T("Only a number"),
            everyone=T("All {count} children"),
        ),
        Ask("head_count", T("How many"), T("How many children took part?"), when=_not_ticked, skip=T("I do not know")),
        Ask("name", T("Title"), T("What was it called? For example: Dragon Boat Festival together."), optional=True),
        replace(MEDIA, label=T("Photos")),
        Ask("parts", T("Parts"), T("What were its parts? One line for each."), optional=True),
        Ask("partners", T("Partners"), T("Who helped or joined in?"), optional=True),
        Ask(
            "outcome",
            T("What came of it"),
            T("What came of it? A sentence or two is enough."),
            optional=True,
            catch=True,
        ),
        Ask("part_of_day", T("Time of day"), T("At what time of the day was it?"), optional=True),
        Ask("place", T("Place"), T("Where was it?"), optional=True),
        Ask(
            "volunteers",
            T("Volunteers"),
            T("How many love mothers and volunteers came?"),
            optional=True,
            counts=range(1, 9),
        ),
        Ask(
            "guardians",
            T("Guardians"),
            T("How many parents and grandparents came?"),
            optional=True,
            counts=range(1, 9),
        ),
        Ask("campaign", T("Campaign"), T("Which campaign does it belong to?"), optional=True),
        Ask("gifts", T("Gifts"), T("What was given? How many, and about what value?"), optional=True),
        WHY_CORRECTED,
    ),
)
