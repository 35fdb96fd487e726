"""A section of the monthly report in one's own words: what is sent takes the place of what stood there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.engine import reporting
from bot.engine.flow import Ask, Choice, Flow
from bot.engine.reporting import read_place, writable
from bot.engine.scene import Scene
from care.access import Action
from care.monthly_report import Section
from care.report_forms import SectionWords
from care.text import T

SECTIONS = tuple(Section)


async def _places(scene: Scene, _: Mapping[str, Any]) -> Sequence[Choice]:
    return [
        Choice(
            f"{report.value}.{number}",
            T("{section} · {report}", section=section.label, report=report.label),
            section.label,
        )
        for report in await reporting.places(scene, Action.WRITE_REPORT)
        for number, section in enumerate(SECTIONS)
    ]


async def finish(scene: Scene, record: SectionWords) -> None:
    home_id, period = read_place(record.place)
    section = SECTIONS[int(record.place.rpartition(".")[2])]
    filed = await writable(scene, Action.WRITE_REPORT, home_id, period)
    await reporting.keep(scene, replace(filed, sections={**filed.sections, section: record.told}))
    await reporting.show(scene, home_id, period)


FLOW = Flow(
    "report_text",
    version=1,
    needs=Action.WRITE_REPORT,
    title=T("Write a section"),
    record=SectionWords,
    done=T("Written."),
    finish=finish,
    review=False,
    menu=False,
    given="place",
    asks=(
        Ask("place", T("Section"), T("Which section?"), _places, nobody=reporting.NOTHING_OPEN),
        Ask(
            "told",
            T("Text"),
            T("What shall stand under “{place}”? Type it here; it takes the place of what you wrote before."),
        ),
    ),
)
