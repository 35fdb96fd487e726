"""/talk: a teacher records a talk with a child or a few. What is typed leaves the chat as soon as it is in the sealed
draft."""

from __future__ import annotations

from dataclasses import replace

from bot.engine.asks import CONCERN, CONCERN_NOTE, FOLLOW_UP, FOLLOW_UP_BY, MEDIA, ON
from bot.engine.correct import WHY_CORRECTED
from bot.engine.flow import Ask, Flow
from bot.engine.offers import children_for
from care.access import Action
from care.records.talk import Talk
from care.text import T

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
        ON,
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
        CONCERN,
        replace(CONCERN_NOTE, sensitive=True),
        replace(FOLLOW_UP, sensitive=True),
        FOLLOW_UP_BY,
        Ask("family_informed", T("Family told"), T("Have you told the family?"), optional=True),
        Ask("place", T("Place"), T("Where was it?"), optional=True),
        MEDIA,
        WHY_CORRECTED,
    ),
)
