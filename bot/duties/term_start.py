"""A new term begins: the teacher goes through the children, the head of the home through plans and agreements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType

from bot.engine.command import starting
from bot.engine.duty import Duty, Nudge, Owed, Tick
from bot.engine.keepers import keepers_of
from bot.engine.nudging import DIGEST_HOUR
from care.access import Action
from care.calendar import Calendar, Term
from care.people import Actor, Role
from care.text import T, Text, words
from storage import monthly
from storage.database import Tx

NAME = "term_start"
LATENESS = timedelta(days=30)
SAID: Mapping[Role, Text] = MappingProxyType(
    {
        Role.TEACHER: T(
            "A new term begins. Please go through the children of {home}: who has come, who has left, at whose home "
            "has something changed?"
        ),
        Role.HOME_LEAD: T(
            "A new term begins at {home}. Due now: the list of children, the plan for the term, and this year’s "
            "target responsibility book."
        ),
    }
)


async def due(tx: Tx, tick: Tick) -> Sequence[Nudge]:
    nudges: list[Nudge] = []
    for day in tick.days_at(DIGEST_HOUR):
        term = tick.calendar.term(day)
        if term and day == tick.calendar.first_school_day(term.first):
            nudges += await _told(tx, tick, day, term)
    return nudges


async def _told(tx: Tx, tick: Tick, day: date, term: Term) -> list[Nudge]:
    homes = await monthly.home_names(tx)
    return [
        Nudge(
            owed=f"{NAME}:{home}:{term.key}",
            rung=role.value,
            to=to,
            text=said(home=words(homes[home])),
            at=tick.moment(day, DIGEST_HOUR),
            latest=tick.moment(day, DIGEST_HOUR) + LATENESS,
            needs=Action.SEE_RECORDS,
            opens=starting("child", T("Look through the children")),
            digest=True,
        )
        for role, said in SAID.items()
        for home, people in (await keepers_of(tx, role, homes)).items()
        for to in people
    ]


async def owed(tx: Tx, actor: Actor, calendar: Calendar, first: date, last: date) -> Sequence[Owed]:
    """Nothing that a record could show yet: lists, plans and agreements are not kept here."""
    return ()


DUTY = Duty(NAME, Action.SEE_RECORDS, T("Start of term"), due, owed, reach=LATENESS)
