"""/overview: what stands how, home by home, this month and last; and the children nobody has been in touch with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.engine.command import Command, starting
from bot.engine.message import Button, Rows
from bot.engine.overview import SILENT, Figures, HomeRow, Overview, Row, by_duty, look, packed, together
from bot.engine.scene import Scene
from care.access import Action
from care.refusal import Refusal
from care.text import TN, Listing, T, Text, Value, lines, words
from storage import touch

PAGE, ACROSS, NAMED, DOORS = 8, 4, 5, 3
_NUMBER = re.compile("[0-9]{1,3}")
PICTURE = T("🖼 As a picture")
LEGEND = T("✅ on time · 🕗 late · ❗ missing · ⏳ not due\n🔕 children not heard of for over a week")


async def run(scene: Scene, _: str) -> None:
    text, rows = await _first(scene)
    scene.say(text, rows, protect=True)


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case ["page", number] if _NUMBER.fullmatch(number):
            found = await _look(scene)
            text, rows = _table(scene, found, int(number))
        case ["home", id]:
            found = await _look(scene)
            row = found.home(id)
            if row is None:
                raise Refusal(reason="no such home in reach")
            text, rows = await _home(scene, found, row)
        case ["picture", *home]:
            await _picture(scene, home)
            return
        case _:
            raise Refusal
    scene.edit_tapped(text, rows)


async def _look(scene: Scene) -> Overview:
    scene.note(Action.SEE_OVERVIEW, "overview", "homes")
    return await look(scene.tx, scene.actor, scene.registry.duties, scene.today, scene.zone)


async def _picture(scene: Scene, home: Sequence[str]) -> None:
    """Of all homes in reach, or of one: the same figures, to look at and to pass on."""
    found = await _look(scene)
    shown = tuple(row for row in found.rows if not home or row.home.id == home[0])
    if not shown:
        raise Refusal(reason="no such home in reach")
    asked = {
        "overview": packed(replace(found, rows=shown), scene.registry.duties),
        "language": scene.actor.language,
        "chat_id": scene.turn.chat_id,
        "person_id": scene.actor.person_id,
    }
    scene.ask_for("overview", asked)


async def _first(scene: Scene) -> tuple[Text, Rows]:
    """Who has one home sees it at once."""
    found = await _look(scene)
    if not found.rows:
        return T("There is no children’s home in your reach."), ()
    return await _home(scene, found, found.rows[0]) if len(found.rows) == 1 else _table(scene, found, 0)


# --- many homes


def _table(scene: Scene, found: Overview, page: int) -> tuple[Text, Rows]:
    last_page = (len(found.rows) - 1) // PAGE
    page = min(page, last_page)
    start = page * PAGE
    shown = found.rows[start : start + PAGE]
    text = T(
        "<b>{homes}</b>\n{period}\n{sums}\n\n{told}\n\n{legend}",
        homes=TN("Overview: {count} home", "Overview: {count} homes", len(found.rows)),
        period=found.period.spelled,
        sums=_duties(scene, by_duty(row.this for row in found.rows)),
        told=lines(_line(start + place, row) for place, row in enumerate(shown, start=1)),
        legend=LEGEND,
    )
    doors = [
        COMMAND.button(T("{number}", number=start + place), "home", row.home.id)
        for place, row in enumerate(shown, start=1)
    ]
    return text, (*_across(doors), *_pages(page, last_page), (COMMAND.button(PICTURE, "picture"),))


def _line(number: int, row: HomeRow) -> Text:
    line = T(
        "{number}. <b>{home}</b> {marks}", number=number, home=words(row.home.name), marks=_marks(together([row.this]))
    )
    if missing := together([row.last]).missing:
        line = T("{one} · last month ❗{count}", one=line, count=missing)
    return T("{one} · 🔕{count}", one=line, count=row.silent) if row.silent else line


def _across(buttons: Sequence[Button]) -> Rows:
    return tuple(tuple(buttons[start : start + ACROSS]) for start in range(0, len(buttons), ACROSS))


def _pages(page: int, last_page: int) -> Rows:
    turns = []
    if page > 0:
        turns.append(COMMAND.button(T("◀ Worse ones"), "page", str(page - 1)))
    if page < last_page:
        turns.append(COMMAND.button(T("More homes ▶"), "page", str(page + 1)))
    return (tuple(turns),) if turns else ()


# --- one home


async def _home(scene: Scene, found: Overview, row: HomeRow) -> tuple[Text, Rows]:
    silent = await touch.longest_silent(scene.tx, scene.actor, found.today - SILENT, NAMED, row.home.id)
    told = [T("{child}: {count} days", child=child.called, count=(found.today - since).days) for child, since in silent]
    text = T(
        "<b>{home}</b>\n\n<b>{this}</b>\n{now}\n\n<b>{last}</b>\n{before}\n\n{silence}\n\n{legend}",
        home=words(row.home.name),
        this=found.period.spelled,
        now=_duties(scene, row.this),
        last=found.period.previous.spelled,
        before=_duties(scene, row.last),
        silence=_silence(row, told),
        legend=LEGEND,
    )
    doors = tuple(
        starting(f"child|{child.id}", T("See {child}", child=words(child.short_name))) for child, _ in silent[:DOORS]
    )
    back: Rows = ((COMMAND.button(T("◀ All homes"), "page", "0"),),) if len(found.rows) > 1 else ()
    return text, (*((doors,) if doors else ()), (COMMAND.button(PICTURE, "picture", row.home.id),), *back)


def _silence(row: HomeRow, told: Sequence[Value]) -> Text:
    if not row.silent:
        return T("Somebody has been in touch with every child within the last week. 👏")
    heading = TN(
        "<b>🔕 Nobody has been in touch with {count} child for over a week</b>",
        "<b>🔕 Nobody has been in touch with {count} children for over a week</b>",
        row.silent,
    )
    return T("{heading}\n{told}", heading=heading, told=lines(told))


# --- figures


def _duties(scene: Scene, row: Row) -> Listing:
    """A line for each duty under which anything stands."""
    told: list[Value] = [
        T("{duty}: {marks}", duty=duty.title, marks=_marks(row[duty.name]))
        for duty in scene.registry.duties
        if duty.name in row
    ]
    return lines(told or [T("Nothing is open.")])


def _marks(figures: Figures) -> Text:
    counted = {"✅": figures.met, "🕗": figures.late, "❗": figures.missing, "⏳": figures.ahead}
    return words(" ".join(f"{mark}{count}" for mark, count in counted.items() if count) or "✅")


COMMAND = Command("overview", Action.SEE_OVERVIEW, run, T("Overview"), tapped=tapped, door=True)
