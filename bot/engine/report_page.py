"""A monthly report in the chat: its card with figures, what is missing and what can be done; and the whole of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from bot.engine.command import Command, starting
from bot.engine.draw import FEW
from bot.engine.message import Button, Rows
from bot.engine.reporting import in_time, title
from bot.engine.scene import Scene
from care.access import Action, may, reach
from care.children import Child
from care.monthly_report import ITEMS_WANTED, Figures, InfoItem, MonthlyReport, ReportState, Section
from care.records.activity import Activity
from care.text import TN, T, Text, Value, lines, phrase, words
from storage.records import Saved
from storage.reports import Filed

SHOWN = 3
"""So many records stand on the card at once; one tap makes an item of each."""


About = Mapping[str, Sequence[Child]]
"""The children of a record whom the reader may see, by its id."""


def card(
    scene: Scene, command: Command, report: MonthlyReport, filed: Filed, offered: Sequence[Saved], about: About
) -> tuple[Text, Rows]:
    """What its readers see, with the buttons of what this reader may do."""
    text = T(
        "<b>{title}</b>\n{span}\n{state}\n\n{figures}\n\n{items}",
        title=title(report.home_name, report.period),
        span=T("{period}, due on {day}", period=report.period.spelled, day=report.period.due),
        state=_state(filed),
        figures=lines(figures(report.figures)),
        items=lines(_items(report, about)),
    )
    return text, tuple(_rows(scene, command, report, filed, offered))


def _state(filed: Filed) -> Text:
    text = T("{mark} {state}", mark=MARKS[filed.state], state=filed.state.label)
    if filed.state is ReportState.RETURNED:
        text = T("{state}: {reason}", state=text, reason=words(filed.returned))
    return T("{state} · 📄 paper copy received", state=text) if filed.paper_at else text


MARKS = {
    ReportState.DRAFT: "✍️",
    ReportState.READY: "🙋",
    ReportState.SUBMITTED: "📨",
    ReportState.RETURNED: "↩️",
    ReportState.ACCEPTED: "✅",
}


def figures(found: Figures) -> list[Value]:
    return [
        T(
            "Children: {start} at the start, {joined} joined, {left} left, {end} at the end",
            start=found.start,
            joined=found.joined,
            left=found.left,
            end=found.end,
        ),
        TN(
            "Activities: {activities} · talks: {talks} (with {count} child)",
            "Activities: {activities} · talks: {talks} (with {count} children)",
            found.talked_with,
            activities=found.activities,
            talks=found.talks,
        ),
        T(
            "Contacts: {contacts} · “all well?”: asked {check_ins}, answered {answered}",
            contacts=found.contacts,
            check_ins=found.check_ins,
            answered=found.answered,
        ),
    ]


def _items(report: MonthlyReport, about: About) -> list[Value]:
    told: list[Value] = [
        T("<b>Information items: {count} of {wanted}</b>", count=len(report.items), wanted=ITEMS_WANTED),
        *(item_line(place, item, about) for place, item in enumerate(report.items, start=1)),
    ]
    if report.nil_reason:
        told.append(T("Why fewer: {reason}", reason=words(report.nil_reason)))
    if report.empty and not report.submitted_on:
        told.append(
            T("Nothing written yet (may stay so): {sections}", sections=phrase(one.label for one in report.empty))
        )
    if report.supplement:
        told.append(T("Late entries of earlier months stand in it too."))
    return told


def item_line(place: int, item: InfoItem, about: About) -> Text:
    """Those made of entries of one kind have one title: the day, the child and the author tell them apart. The report
    itself names no child; here stands who the reader may see."""
    whom = phrase(words(child.short_name) for child in about.get(item.record_id, ())[:FEW])
    told = T("{number}. {title}{photo}", number=place, title=item.title, photo=" 📷" if item.photo else "")
    marks: Value = _number_day(item.day)
    for mark in ([whom] if whom.items else []) + ([words(item.author)] if item.author else []):
        marks = T("{one} · {other}", one=marks, other=mark)
    return T("{one}\n     {other}", one=told, other=marks)


# --- buttons


def _rows(
    scene: Scene, command: Command, report: MonthlyReport, filed: Filed, offered: Sequence[Saved]
) -> list[tuple[Button, ...]]:
    here = (report.home_id, report.period.key)
    rows: list[tuple[Button, ...]] = []
    if not filed.handed_in and in_time(scene, report.period) and holds(scene, Action.WRITE_REPORT, report.home_id):
        rows += _writing(scene, command, report, filed, offered)
    if holds(scene, Action.DECIDE_REPORT, report.home_id):
        rows += _deciding(command, filed, here)
    if filed.state is ReportState.SUBMITTED and holds(scene, Action.SUBMIT_REPORT, report.home_id):
        rows.append((command.button(T("↩ Take it back"), "undo", *here),))
    languages = (
        command.button(T("📄 PDF {language}", language=words(name)), "pdf", *here, code)
        for code, name in language_names(scene)
    )
    rows += [(command.button(T("👀 Read all of it"), "full", *here),), tuple(languages)]
    return [*rows, _neighbours(scene, command, report)]


def language_names(scene: Scene) -> list[tuple[str, str]]:
    """Each language's code, and its name in itself."""
    own = T("English (the name of this language)")
    return [(code, scene.languages.render(own, code)) for code in scene.languages.names]


def _writing(
    scene: Scene, command: Command, report: MonthlyReport, filed: Filed, offered: Sequence[Saved]
) -> list[tuple[Button, ...]]:
    here, place = (report.home_id, report.period.key), f"{report.home_id}.{report.period.key}"
    rows: list[tuple[Button, ...]] = []
    if report.items_missing:
        rows += [(adding(command, here, one),) for one in offered[:SHOWN]]
    own = starting(f"report_item|{place}", T("✍️ Write an item"))
    rows.append((command.button(T("＋ From the entries"), "more", *here), own) if offered else (own,))
    change = (command.button(T("✏️ Change items"), "items", *here),) if report.items else ()
    rows.append((*change, command.button(T("✏️ Write the sections"), "texts", *here)))
    on = _handing_on(scene, command, report, filed)
    return [*rows, *on] if report.items_missing else [*on, *rows]


def _handing_on(scene: Scene, command: Command, report: MonthlyReport, filed: Filed) -> list[tuple[Button, ...]]:
    here = (report.home_id, report.period.key)
    if holds(scene, Action.SUBMIT_REPORT, report.home_id):
        return [(command.button(T("✅ Hand it in"), "submit", *here),)]
    if filed.state is not ReportState.READY:
        return [(command.button(T("🙋 Ready, please hand it in"), "ready", *here),)]
    return []


def adding(command: Command, here: tuple[str, str], one: Saved) -> Button:
    """What, with whom, when, by whom: entries of one kind can be told apart, in the width of a button."""
    told: dict[str, Value] = {
        "what": one.body.headline,
        "day": _number_day(one.happened_on),
        "author": words(one.author_name),
        "photo": " 📷" if one.body.media else "",
    }
    whom = _whom(one)
    if whom is None:
        return command.button(T("＋ {what} {day} {author}{photo}", **told), "add", *here, one.id)
    return command.button(T("＋ {what} {child} {day} {author}{photo}", child=whom, **told), "add", *here, one.id)


def _number_day(day: date) -> Text:
    return T("{day_number}/{month_number}", day_number=day.day, month_number=day.month)


def _whom(one: Saved) -> Text | None:
    """The child by its short name; of a few, the first. An activity is of the home."""
    if not one.about or isinstance(one.body, Activity):
        return None
    first, more = words(one.about[0].short_name), len(one.about) - 1
    return TN("{child} and {count} more", "{child} and {count} more", more, child=first) if more else first


def _deciding(command: Command, filed: Filed, here: tuple[str, str]) -> list[tuple[Button, ...]]:
    place = ".".join(here)
    label = T("📄 Paper copy: not received after all") if filed.paper_at else T("📄 Paper copy received")
    rows: list[tuple[Button, ...]] = [(command.button(label, "paper", *here),)]
    if filed.state is ReportState.SUBMITTED:
        accept = command.button(T("✅ Accept"), "accept", *here)
        return [(accept, starting(f"report_return|{place}", T("↩️ Send back"))), *rows]
    if not filed.handed_in:
        rows.append((starting(f"report_excuse|{place}", T("Excuse this home")),))
    return rows


def _neighbours(scene: Scene, command: Command, report: MonthlyReport) -> tuple[Button, ...]:
    """The month before, and the way back to it; whoever looks after several homes goes back to the list."""
    period = report.period
    found = [command.button(T("◀ {month}", month=period.previous.name), "open", report.home_id, period.previous.key)]
    if period.next.first <= scene.today:
        found.append(command.button(T("{month} ▶", month=period.next.name), "open", report.home_id, period.next.key))
    if reach(scene.actor, Action.SEE_REPORT).district or len(reach(scene.actor, Action.SEE_REPORT).homes) > 1:
        found.append(command.button(T("All homes"), "list", period.key))
    return tuple(found)


def holds(scene: Scene, action: Action, home_id: str) -> bool:
    """Whether the actor may do that in this home."""
    within = reach(scene.actor, action)
    return may(scene.actor, action) and (within.district or home_id in within.homes)


# --- the whole of it


def whole(report: MonthlyReport) -> Text:
    told: list[Value] = [T("<b>{title}</b>", title=title(report.home_name, report.period)), *figures(report.figures)]
    for section in Section:
        told.append(T("\n<b>{section}</b>\n{told}", section=section.label, told=lines(section_lines(report, section))))
    told.append(T("\n<b>Information items: {count} of {wanted}</b>", count=len(report.items), wanted=ITEMS_WANTED))
    told += [_whole_item(place, item) for place, item in enumerate(report.items, start=1)]
    if report.supplement:
        told.append(T("\n<b>Late entries of earlier months</b>\n{told}", told=lines(report.supplement.told)))
    if report.nil_reason:
        told.append(T("Why fewer: {reason}", reason=words(report.nil_reason)))
    return T("{lines}", lines=lines(told))


def section_lines(report: MonthlyReport, section: Section) -> list[Value]:
    """What stands under a section: people's words, and the activities by themselves."""
    own = report.sections.get(section, "")
    told: list[Value] = [words(own)] if own else []
    if section is Section.ACTIVITIES:
        told += [line.told for line in report.activities]
    return told or [T("Nothing new.")]


def _whole_item(place: int, item: InfoItem) -> Text:
    return T("{number}. <b>{title}</b>\n{paragraph}", number=place, title=item.title, paragraph=item.paragraph)
