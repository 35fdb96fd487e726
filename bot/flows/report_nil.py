"""A monthly report with fewer information items than wanted is handed in with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.engine import reporting
from bot.engine.flow import Ask, Choice, Flow
from bot.engine.reporting import read_place
from bot.engine.scene import Scene
from care.access import Action
from care.report_forms import ReasonGiven
from care.text import T


async def _places(scene: Scene, _: Mapping[str, Any]) -> Sequence[Choice]:
    return await reporting.places(scene, Action.SUBMIT_REPORT)


async def finish(scene: Scene, record: ReasonGiven) -> None:
    home_id, period = read_place(record.place)
    await reporting.submit(scene, home_id, period, record.reason)
    await reporting.show(scene, home_id, period)


FLOW = Flow(
    "report_nil",
    version=1,
    needs=Action.SUBMIT_REPORT,
    title=T("Hand in with fewer items"),
    record=ReasonGiven,
    done=T("Handed in."),
    finish=finish,
    review=False,
    menu=False,
    given="place",
    asks=(
        Ask("place", T("Report"), T("For which report?"), _places, nobody=reporting.NOTHING_OPEN),
        Ask(
            "reason",
            T("Reason"),
            T("There are fewer than two information items. Why? A sentence is enough; with it I hand the report in."),
        ),
    ),
)
