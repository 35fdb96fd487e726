"""A coordinator sends a monthly report back, and says why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.engine import reporting
from bot.engine.flow import Ask, Choice, Flow
from bot.engine.reporting import read_place
from bot.engine.scene import Scene
from care.access import Action
from care.calendar import period_of
from care.monthly_report import ReportState
from care.report_forms import ReasonGiven
from care.text import T
from storage import reports


async def _places(scene: Scene, _: Mapping[str, Any]) -> Sequence[Choice]:
    """What was handed in and waits for a decision, of any of the last months."""
    now = period_of(scene.today)
    return [
        Choice(f"{one.home_id}.{period.key}", reporting.title(one.home_name, period))
        for period in (now.shifted(-3), now.shifted(-2), now.previous, now)
        for one in await reports.standings(scene.tx, period, actor=scene.actor)
        if one.state is ReportState.SUBMITTED
    ]


async def finish(scene: Scene, record: ReasonGiven) -> None:
    home_id, period = read_place(record.place)
    await reporting.send_back(scene, home_id, period, record.reason)
    await reporting.show(scene, home_id, period)


FLOW = Flow(
    "report_return",
    version=1,
    needs=Action.DECIDE_REPORT,
    title=T("Send a report back"),
    record=ReasonGiven,
    done=T("Sent back."),
    finish=finish,
    review=False,
    menu=False,
    given="place",
    asks=(
        Ask("place", T("Report"), T("Which report?"), _places, nobody=reporting.NOTHING_OPEN),
        Ask(
            "reason",
            T("Reason"),
            T("What is to be mended in “{place}”? The home reads your words, and can work on it again at once."),
        ),
    ),
)
