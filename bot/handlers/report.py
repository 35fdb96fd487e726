"""/report: the monthly report of one's home, filled from its records; for who looks after several homes, their list."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine import reporting
from bot.engine.command import Command, starting
from bot.engine.converse import start
from bot.engine.message import Button, Rows
from bot.engine.report_page import MARKS, About, adding, card, item_line, section_lines, whole
from bot.engine.reporting import read_place, report_of, writable
from bot.engine.scene import Scene
from care.access import Action, reach
from care.calendar import Period, period_of
from care.monthly_report import MonthlyReport, ReportState, Section, item_of
from care.refusal import Refusal
from care.text import TN, T, Text, Value, lines, words
from storage import info_items, records, reports
from storage.assembling import candidates
from storage.reports import HomeMonth

MOST_OFFERED = 12
IN_A_ROW = 4
WRITTEN = T("Done. Here is the report:")


async def run(scene: Scene, _: str) -> None:
    """One's own home at once; several as a list."""
    within = reach(scene.actor, Action.SEE_REPORT)
    period = period_of(scene.today)
    if not within.district and len(within.homes) == 1:
        await _open(scene, next(iter(within.homes)), period)
    else:
        await _list(scene, period)


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case ["list" | "month" as what, key]:
            await _list(scene, read_place(f".{key}")[1], anew=what == "month")
        case ["drop" | "item" as what, item_id]:
            await _item(scene, what, item_id)
        case [what, home_id, key, *more]:
            await _on_one(scene, what, *read_place(f"{home_id}.{key}"), more)
        case _:
            raise Refusal


async def _on_one(scene: Scene, what: str, home_id: str, period: Period, more: Sequence[str]) -> None:
    match what, more:
        case "open" | "written" | "see", []:
            await _open(scene, home_id, period, WRITTEN if what == "written" else None, anew=what == "see")
        case "add", [record_id]:
            await _add(scene, home_id, period, record_id)
        case "more", []:
            await _offer_records(scene, home_id, period)
        case "items", []:
            await _items(scene, home_id, period)
        case "texts", []:
            await _sections(scene, home_id, period)
        case "full", []:
            await _whole(scene, home_id, period)
        case "pdf", [language]:
            await _ask_pdf(scene, home_id, period, language)
        case _:
            await _decide(scene, what, home_id, period)


async def _decide(scene: Scene, what: str, home_id: str, period: Period) -> None:
    match what:
        case "ready":
            await reporting.ready(scene, home_id, period)
            says = T("Thank you! I have asked the head of the home to hand it in.")
        case "submit":
            filed = await writable(scene, Action.SUBMIT_REPORT, home_id, period)
            if (await report_of(scene, home_id, period)).items_missing and not filed.nil_reason:
                await start(scene, scene.registry.flows["report_nil"], f"{home_id}.{period.key}")
                return
            await reporting.submit(scene, home_id, period)
            says = T("✅ Handed in. Thank you! What is logged from now on stands in the next report.")
        case "undo":
            await reporting.take_back(scene, home_id, period)
            says = T("It is yours again. Please hand it in when it is done.")
        case "accept":
            await reporting.accept(scene, home_id, period)
            says = T("✅ Accepted. The home has been told.")
        case "paper":
            there = await reporting.paper(scene, home_id, period)
            says = T("The paper copy is here.") if there else T("The paper copy is not here.")
        case _:
            raise Refusal
    await _open(scene, home_id, period, says)


# --- one report


async def _open(scene: Scene, home_id: str, period: Period, says: Text | None = None, *, anew: bool = False) -> None:
    if period.first > scene.today:
        raise Refusal(reason="not begun")
    report = await report_of(scene, home_id, period)
    filed = await reports.filed(scene.tx, home_id, period)
    offered = [] if filed.handed_in else await candidates(scene.tx, scene.actor, report)
    scene.note(Action.SEE_REPORT, "report", filed.key)
    text, rows = card(scene, COMMAND, report, filed, offered, await _about(scene, report))
    _show(scene, T("{says}\n\n{card}", says=says, card=text) if says else text, rows, anew=anew)


async def _about(scene: Scene, report: MonthlyReport) -> About:
    return await records.about(scene.tx, scene.actor, {item.record_id for item in report.items if item.record_id})


def _show(scene: Scene, text: Text, rows: Rows, *, anew: bool = False) -> None:
    """In the place of what was tapped; `anew`: below it, for that says something of its own, as a digest does."""
    if scene.turn.tap and not anew:
        scene.edit_tapped(text, rows)
    else:
        scene.say(text, rows)


async def _add(scene: Scene, home_id: str, period: Period, record_id: str) -> None:
    """One tap makes an item of a record, its photo included."""
    filed = await writable(scene, Action.WRITE_REPORT, home_id, period)
    saved = await records.one(scene.tx, scene.actor, record_id)
    if saved.home_id != home_id or saved.status != "current" or saved.happened_on > period.last:
        raise Refusal(reason="not of this report")
    item = item_of(saved.body, author=saved.author_name, record_id=saved.id, home=saved.home_name)
    author = scene.actor.person_id
    new = await info_items.add(scene.tx, home_id, period, item, author_id=author, now=scene.now)
    await reporting.keep(scene, filed)
    await _open(scene, home_id, period, T("Added: {title}", title=item.title) if new else None)


async def _offer_records(scene: Scene, home_id: str, period: Period) -> None:
    await writable(scene, Action.WRITE_REPORT, home_id, period)
    report = await report_of(scene, home_id, period)
    offered = (await candidates(scene.tx, scene.actor, report))[:MOST_OFFERED]
    here = (home_id, period.key)
    rows = [(adding(COMMAND, here, one),) for one in offered]
    _show(scene, T("Which entry becomes an information item? One tap is enough."), (*rows, (_back(home_id, period),)))


async def _items(scene: Scene, home_id: str, period: Period) -> None:
    await writable(scene, Action.WRITE_REPORT, home_id, period)
    report = await report_of(scene, home_id, period)
    about = await _about(scene, report)
    told = [
        T("<b>{title}</b>\n{paragraph}", title=item_line(place, item, about), paragraph=item.paragraph)
        for place, item in enumerate(report.items, start=1)
    ]
    rows = [
        (
            starting(f"report_item|{item.id}", T("✏️ Rewrite {number}", number=place)),
            COMMAND.button(T("🗑 Take {number} out", number=place), "drop", item.id),
        )
        for place, item in enumerate(report.items, start=1)
    ]
    _show(scene, T("{lines}", lines=lines(told)), (*rows, (_back(home_id, period),)))


async def _item(scene: Scene, what: str, item_id: str) -> None:
    found = await info_items.one(scene.tx, item_id)
    if found is None:
        raise Refusal(reason="no such item")
    _, home_id, period = found
    filed = await writable(scene, Action.WRITE_REPORT, home_id, period)
    if what == "drop":
        await info_items.remove(scene.tx, item_id, scene.now)
        await reporting.keep(scene, filed)
    await _open(scene, home_id, period)


async def _sections(scene: Scene, home_id: str, period: Period) -> None:
    await writable(scene, Action.WRITE_REPORT, home_id, period)
    report = await report_of(scene, home_id, period)
    told = [
        T("<b>{section}</b>\n{told}", section=section.label, told=lines(section_lines(report, section)))
        for section in Section
    ]
    place = f"{home_id}.{period.key}"
    buttons = [
        starting(f"report_text|{place}.{number}", T("✏️ {section}", section=section.label))
        for number, section in enumerate(Section)
    ]
    rows = [tuple(buttons[begin : begin + 2]) for begin in range(0, len(buttons), 2)]
    _show(scene, T("{lines}", lines=lines(told)), (*rows, (_back(home_id, period),)))


async def _whole(scene: Scene, home_id: str, period: Period) -> None:
    report = await report_of(scene, home_id, period)
    scene.note(Action.SEE_REPORT, "report", reports.key(home_id, period), detail="all of it")
    scene.say(whole(report), ((_back(home_id, period),),), protect=True)


async def _ask_pdf(scene: Scene, home_id: str, period: Period, language: str) -> None:
    if language not in scene.languages.names or period.first > scene.today:
        raise Refusal(reason="no such language")
    report = await report_of(scene, home_id, period)
    asked = {
        "report": report.model_dump(mode="json"),
        "language": language,
        "chat_id": scene.turn.chat_id,
        "person_id": scene.actor.person_id,
    }
    scene.ask_for("monthly_report", asked)
    scene.note(Action.SEE_REPORT, "report", reports.key(home_id, period), detail="PDF")


def _back(home_id: str, period: Period) -> Button:
    return COMMAND.button(T("◀ Back to the report"), "open", home_id, period.key)


# --- the list


async def _list(scene: Scene, period: Period, *, anew: bool = False) -> None:
    if period.first > scene.today:
        raise Refusal(reason="not begun")
    every = await reports.standings(scene.tx, period, actor=scene.actor)
    found = sorted(every, key=lambda one: one.state is not ReportState.SUBMITTED)
    scene.note(Action.SEE_REPORT, "reports", period.key)
    text = T(
        "<b>Monthly reports, {month}</b> (due on {day})\n{counts}\n\n{homes}",
        month=period.full_name,
        day=period.due,
        counts=lines(_counts(found)),
        homes=lines(_home_line(place, one) for place, one in enumerate(found, start=1)),
    )
    numbers = [
        COMMAND.button(T("{number}", number=place), "open", one.home_id, period.key)
        for place, one in enumerate(found, start=1)
    ]
    rows = [tuple(numbers[begin : begin + IN_A_ROW]) for begin in range(0, len(numbers), IN_A_ROW)]
    _show(scene, text, (*rows, _months(scene, period)), anew=anew)


def _months(scene: Scene, period: Period) -> tuple[Button, ...]:
    before = COMMAND.button(T("◀ {month}", month=period.previous.name), "list", period.previous.key)
    if period.next.first > scene.today:
        return (before,)
    return before, COMMAND.button(T("{month} ▶", month=period.next.name), "list", period.next.key)


def _counts(found: Sequence[HomeMonth]) -> list[Value]:
    told: list[Value] = []
    for state in ReportState:
        count = sum(one.state is state and not one.excused for one in found)
        if count:
            told.append(T("{mark} {state}: {number}", mark=MARKS[state], state=state.label, number=count))
    papers = sum(one.paper_at is not None for one in found)
    excused = sum(bool(one.excused) for one in found)
    told += [TN("📄 {count} paper copy", "📄 {count} paper copies", papers)] if papers else []
    told += [T("➖ excused: {number}", number=excused)] if excused else []
    return told or [T("No home owes a report for this month.")]


def _home_line(place: int, one: HomeMonth) -> Text:
    mark = "➖" if one.excused else MARKS[one.state]
    line = T("{number}. {mark} {home}", number=place, mark=mark, home=words(one.home_name))
    if one.open:
        line = TN("{line} · {count} item", "{line} · {count} items", one.items, line=line)
    return T("{line} · 📄", line=line) if one.paper_at else line


COMMAND = Command("report", Action.SEE_REPORT, run, T("Monthly report"), tapped=tapped, door=True)
