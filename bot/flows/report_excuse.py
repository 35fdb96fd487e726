"""A coordinator lets a home off a monthly report, with a reason."""

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
    return await reporting.places(scene, Action.DECIDE_REPORT)


async def finish(scene: Scene, record: ReasonGiven) -> None:
    home_id, period = read_place(record.place)
    await reporting.excuse(scene, home_id, period, record.reason)
    await reporting.show(scene, home_id, period)


FLOW = Flow(
    "report_excuse",
    version=1,
    needs=Action.DECIDE_REPORT,
    title=T("Excuse a home"),
    record=ReasonGiven,
    done=T("Excused."),
    finish=finish,
    review=False,
    menu=False,
    given="place",
    asks=(
        Ask("place", T("Report"), T("Which report?"), _places, nobody=reporting.NOTHING_OPEN),
        Ask("reason", T("Reason"), T("Why does “{place}” need no report? Nobody is reminded of it any more.")),
    ),
)
