"""/calendar: the weeks to come as the bot reckons with them, and what coordinators have set in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from bot.engine.command import Command, starting
from bot.engine.message import Rows
from bot.engine.scene import Scene
from care.access import Action
from care.calendar import (
    Calendar,
    Change,
    DayKind,
    Period,
    Span,
    day_and_month,
    days,
    next_check_in,
    report_reminders,
)
from care.refusal import Refusal
from care.text import T, Text, Value, lines, phrase
from storage import calendar
from storage.calendar import Entry

AHEAD = timedelta(weeks=8)
"""How far the page looks."""
CHECK_INS = 3
ENTRIES = 12
GONE = T("That entry is not in the calendar any more.")
DAY = timedelta(days=1)


async def run(scene: Scene, _: str) -> None:
    scene.say(*await _page(scene))


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case ["see"]:
            scene.say(*await _page(scene))
        case ["list"]:
            await _list(scene)
        case ["end", id]:
            await _ask_end(scene, id)
        case ["end!", id]:
            await _end(scene, id)
        case ["keep"]:
            scene.edit_tapped(*await _page(scene))
        case _:
            raise Refusal


async def _page(scene: Scene) -> tuple[Text, Rows]:
    found, today = await calendar.load(scene.tx), scene.today
    entered = await calendar.entries(scene.tx, today)
    told: list[Value] = [*_now(found, today), *_special(found, today), *_asked(found, today)]
    if caveat := found.caveat(today, found.next_vacation(today).last):
        told += [T("⚠️ {caveat}", caveat=caveat)]
    if entered:
        told += [T("\n<b>Set by coordinators</b>"), *(_entry(one) for one in entered[:ENTRIES])]
    return T("<b>Calendar</b>\n{told}", told=lines(told)), _buttons(entered)


def _buttons(entered: Sequence[Entry]) -> Rows:
    adds = [
        starting(f"calendar_day|{change.value}", T("＋ {label}", label=change.label))
        for change in (Change.FREE_DAY, Change.SCHOOL_DAY, Change.VACATION, Change.TERM)
    ]
    takes = ((COMMAND.button(T("🗑 Take an entry out"), "list"),),) if entered else ()
    return (tuple(adds[:2]), tuple(adds[2:]), *takes)


# --- what it says


def _now(found: Calendar, today: date) -> Iterator[Value]:
    """Today, and the term or vacation around it."""
    yield T("Today: {what}", what=found.name_of(today))
    if term := found.term(today):
        yield T("Term until {day}", day=term.last)
    yield T("Vacation: {span}", span=_days(found.next_vacation(today)))


def _special(found: Calendar, today: date) -> Iterator[Value]:
    """The holidays and make-up days of the weeks to come; weekends and vacations are no news."""
    ahead = list(days(today, today + AHEAD))
    runs = dict.fromkeys(run for day in ahead if _named(found, day) and (run := found.days_off(day)))
    yield from (T("{span}: {name}", span=_days(run), name=_name(found, run)) for run in runs)
    make_up = [day for day in ahead if found.kind_of(day) is DayKind.MAKE_UP]
    if make_up:
        yield T("School on a day off: {days}", days=_row(make_up))


def _named(found: Calendar, day: date) -> bool:
    return found.kind_of(day) in (DayKind.HOLIDAY, DayKind.FREE_DAY)


def _name(found: Calendar, run: Span) -> Value:
    names = [found.name_of(day) for day in days(run.first, run.last) if _named(found, day)]
    return phrase(name for place, name in enumerate(names) if name not in names[:place])


def _asked(found: Calendar, today: date) -> Iterator[Value]:
    """When people are asked next."""
    next_days = [next_check_in(found, today)]
    while len(next_days) < CHECK_INS:
        next_days.append(next_check_in(found, next_days[-1] + DAY))
    yield T("Next check-ins: {days}", days=_row(next_days))
    period = Period.of(today)
    yield T("Report for {month}: due {day}", month=period.spelled, day=period.due)
    if still := [day for day, _ in report_reminders(found, period) if day >= today]:
        yield T("Reminders for it: {days}", days=_row(still))


def _row(several: Iterable[date]) -> Value:
    return phrase(day_and_month(day) for day in several)


def _days(span: Span) -> Value:
    return span.first if span.days == 1 else T("{first} to {last}", first=span.first, last=span.last)


def _entry(one: Entry) -> Text:
    told = T("• {span}: {what}", span=_days(one.override), what=one.override.change.label)
    return T("{told} ({name})", told=told, name=one.override.name) if one.override.name else told


# --- taking an entry out


async def _list(scene: Scene) -> None:
    entered = (await calendar.entries(scene.tx, scene.today))[:ENTRIES]
    rows = [(COMMAND.button(_label(one), "end", one.id),) for one in entered]
    scene.edit_tapped(T("Which entry should come out?"), (*rows, (COMMAND.button(T("◀ Back"), "keep"),)))


def _label(one: Entry) -> Text:
    return T("{day} · {what}", day=one.override.first, what=one.override.change.label)


async def _ask_end(scene: Scene, id: str) -> None:
    one = await calendar.entry(scene.tx, id)
    if one is None:
        scene.edit_tapped(GONE)
        return
    scene.edit_tapped(
        T("Take this out of the calendar?\n{entry}", entry=_entry(one)),
        ((COMMAND.button(T("Yes, take it out"), "end!", id),), (COMMAND.button(T("No, keep it"), "keep"),)),
    )


async def _end(scene: Scene, id: str) -> None:
    if not await calendar.end(scene.tx, id, scene.actor.person_id, scene.now):
        scene.edit_tapped(GONE)
        return
    scene.note(Action.EDIT_CALENDAR, "calendar", id, detail="ended")
    text, rows = await _page(scene)
    scene.edit_tapped(T("✅ Taken out.\n\n{page}", page=text), rows)


COMMAND = Command("calendar", Action.EDIT_CALENDAR, run, T("Calendar"), tapped=tapped)
