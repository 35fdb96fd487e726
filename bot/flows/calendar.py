"""A coordinator sets days in the calendar: no school, school, vacation, term. /calendar begins it."""

from __future__ import annotations

from bot.engine.flow import Ask, Flow
from bot.engine.message import Button
from bot.engine.scene import Scene
from care.access import Action
from care.calendar import next_check_in
from care.calendar.entry import CalendarEntry
from care.text import T
from storage import calendar


async def finish(scene: Scene, record: CalendarEntry) -> None:
    override = record.override
    id = await calendar.add(scene.tx, override, scene.actor.person_id, scene.now)
    scene.note(Action.EDIT_CALENDAR, "calendar", id, detail=f"{override.change.value} {override.first} {override.last}")
    fresh = await calendar.load(scene.tx)
    scene.say(
        T(
            "✅ It is in the calendar. The next check-in is on {day}.",
            day=next_check_in(fresh, scene.today),
        ),
        (
            (Button(T("📅 See the calendar"), "b|calendar|see"),),
            (Button(T("↩ Take it out again"), f"b|calendar|end!|{id}"),),
        ),
    )


FLOW = Flow(
    "calendar_day",
    version=1,
    needs=Action.EDIT_CALENDAR,
    title=T("Set days in the calendar"),
    record=CalendarEntry,
    done=T("It is in the calendar."),
    finish=finish,
    menu=False,
    given="change",
    asks=(
        Ask("change", T("What"), T("What should these days be?")),
        Ask(
            "first", T("First day"), T("Which is the first day, or the only one? Tap it, or type it like “2027-2-22”.")
        ),
        Ask("last", T("Last day"), T("And which is the last day?"), skip=T("That day only")),
        Ask(
            "name",
            T("Occasion"),
            T("What is it called? For example: snow, sports day, winter vacation."),
            optional=True,
            catch=True,
        ),
    ),
)
