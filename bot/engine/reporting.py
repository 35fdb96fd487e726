"""What becomes of a monthly report: written, ready, handed in, sent back, accepted. Whoever must know is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.engine.flow import Choice
from bot.engine.message import Button, Message, Priority
from bot.engine.scene import Scene
from care.access import Action
from care.calendar import Period, period_of
from care.monthly_report import MonthlyReport, ReportState
from care.people import Role
from care.refusal import Refusal
from care.text import T, Text, words
from storage import excuses, nudges, reports
from storage.assembling import assemble
from storage.children import homes as homes_in_reach
from storage.people import Person, keepers
from storage.reports import Filed

HANDED_IN_ALREADY = T("This report has been handed in already. What is logged from now on stands in the next one.")
TOO_LATE = T("The time for this report is over. What was logged since then stands in the next one.")
NOTHING_OPEN = T("There is no report to work on at the moment.")


def read_place(place: str) -> tuple[str, Period]:
    """Home and period of a button; Refusal for what is none."""
    home_id, _, key = place.partition(".")
    try:
        return home_id, Period.read(key[:7])
    except ValueError:
        raise Refusal(reason="no such period") from None


async def report_of(scene: Scene, home_id: str, period: Period) -> MonthlyReport:
    return await assemble(scene.tx, scene.actor, home_id, period, scene.today)


async def writable(scene: Scene, action: Action, home_id: str, period: Period) -> Filed:
    """The report, if the actor may work on it now; else a Refusal that says why."""
    await reports.home(scene.tx, scene.actor, action, home_id)
    filed = await reports.filed(scene.tx, home_id, period)
    if filed.handed_in:
        raise Refusal(HANDED_IN_ALREADY, reason="handed in")
    if not in_time(scene, period):
        raise Refusal(TOO_LATE, reason="not its time")
    return filed


def in_time(scene: Scene, period: Period) -> bool:
    """From its first day until the next one is due."""
    return period.first <= scene.today <= period.next.due


async def places(scene: Scene, action: Action) -> Sequence[Choice]:
    """The reports that the actor may work on now: last month's, where it is open, and this month's."""
    now = period_of(scene.today)
    homes = await homes_in_reach(scene.tx, scene.actor, action)
    found = []
    for home in homes:
        for period in (now.previous, now):
            if not (await reports.filed(scene.tx, home.id, period)).handed_in:
                found.append(Choice(f"{home.id}.{period.key}", title(home.name, period)))
    return found


def title(home_name: str, period: Period) -> Text:
    return T("{home}, {month}", home=words(home_name), month=period.full_name)


async def keep(scene: Scene, filed: Filed) -> None:
    """What somebody added; the teacher who did so last has prepared the report."""
    author = scene.actor.person_id
    if not filed.prepared_by or Role.TEACHER in scene.actor.roles:
        filed = replace(filed, prepared_by=author)
    scene.note(Action.WRITE_REPORT, "report", filed.key)
    await reports.keep(scene.tx, filed)


async def ready(scene: Scene, home_id: str, period: Period) -> None:
    """The teacher is done: the head of the home hands it in; where there is none, a coordinator is asked."""
    filed = await writable(scene, Action.WRITE_REPORT, home_id, period)
    await keep(scene, replace(filed, state=ReportState.READY))
    report = await report_of(scene, home_id, period)
    text = T(
        "{name} has prepared the report {report}. Please look through it and hand it in.",
        name=words(scene.actor.name),
        report=title(report.home_name, period),
    )
    leads = await keepers(scene.tx, [Role.HOME_LEAD], scene.today, homes=[home_id])
    if not any(lead.chat_id for lead in leads):
        leads = await keepers(scene.tx, [Role.COORDINATOR], scene.today)
        text = T("{told} This home has no head who could do so here.", told=text)
    _tell(scene, filed, leads, text, "ready")


async def submit(scene: Scene, home_id: str, period: Period, reason: str = "") -> None:
    """Handed in: it stays as it is now. With fewer items than wanted it needs a reason."""
    filed = await writable(scene, Action.SUBMIT_REPORT, home_id, period)
    report = await report_of(scene, home_id, period)
    if report.items_missing and not (reason or filed.nil_reason):
        raise Refusal(T("Something is still missing; please say why."), reason="no reason given")
    author = scene.actor.person_id
    filed = replace(filed, prepared_by=filed.prepared_by or author, submitted_by=author)
    final = report.model_copy(
        update={
            "nil_reason": (reason or filed.nil_reason) if report.items_missing else "",
            "prepared_by": report.prepared_by or scene.actor.name,
            "reviewed_by": scene.actor.name,
            "submitted_on": scene.today,
        }
    )
    await reports.keep(
        scene.tx,
        replace(
            filed,
            state=ReportState.SUBMITTED,
            nil_reason=final.nil_reason,
            report=final,
            returned="",
            submitted_at=scene.now,
            first_submitted_on=filed.first_submitted_on or scene.today,
        ),
    )
    scene.note(Action.SUBMIT_REPORT, "report", filed.key)
    await nudges.settle(scene.tx, [filed.key, f"{filed.key}:items"])


async def take_back(scene: Scene, home_id: str, period: Period) -> None:
    """By the head of the home, as long as nobody has looked at it."""
    await reports.home(scene.tx, scene.actor, Action.SUBMIT_REPORT, home_id)
    filed = await reports.filed(scene.tx, home_id, period)
    if filed.state is not ReportState.SUBMITTED:
        raise Refusal(HANDED_IN_ALREADY, reason="decided already")
    first = filed.first_submitted_on if filed.decided_at else None
    scene.note(Action.SUBMIT_REPORT, "report", filed.key, detail="taken back")
    await reports.keep(
        scene.tx,
        replace(filed, state=ReportState.READY, report=None, submitted_at=None, first_submitted_on=first),
    )


async def to_decide(scene: Scene, home_id: str, period: Period) -> Filed:
    """A report that waits for the coordinator's word; Refusal where it does not, or no more."""
    await reports.home(scene.tx, scene.actor, Action.DECIDE_REPORT, home_id)
    filed = await reports.filed(scene.tx, home_id, period)
    if filed.state is not ReportState.SUBMITTED:
        raise Refusal(T("This report does not wait for a decision."), reason="not handed in")
    return filed


async def accept(scene: Scene, home_id: str, period: Period) -> None:
    filed = await to_decide(scene, home_id, period)
    decided = replace(
        filed, state=ReportState.ACCEPTED, decided_by=scene.actor.person_id, decided_at=scene.now, returned=""
    )
    await reports.keep(scene.tx, decided)
    scene.note(Action.DECIDE_REPORT, "report", filed.key, detail="accepted")
    text = T("The report {report} has been accepted. Thank you for your work!", report=_title(filed))
    _tell(scene, filed, await _home_people(scene, home_id), text, f"accepted:{filed.version}")


async def send_back(scene: Scene, home_id: str, period: Period, reason: str) -> None:
    """It can be worked on again; teacher and head of the home hear why."""
    filed = await to_decide(scene, home_id, period)
    decided = replace(
        filed, state=ReportState.RETURNED, decided_by=scene.actor.person_id, decided_at=scene.now, returned=reason
    )
    await reports.keep(scene.tx, decided)
    scene.note(Action.DECIDE_REPORT, "report", filed.key, detail="sent back")
    text = T(
        "The report {report} came back: {reason}\nPlease mend it and hand it in again.",
        report=_title(filed),
        reason=words(reason),
    )
    _tell(scene, filed, await _home_people(scene, home_id), text, f"back:{filed.version}")


async def excuse(scene: Scene, home_id: str, period: Period, reason: str) -> None:
    await reports.home(scene.tx, scene.actor, Action.DECIDE_REPORT, home_id)
    filed = await reports.filed(scene.tx, home_id, period)
    if filed.handed_in:
        raise Refusal(HANDED_IN_ALREADY, reason="handed in")
    await excuses.excuse(scene.tx, filed.key, reason=reason, by=scene.actor.person_id, now=scene.now)
    scene.note(Action.DECIDE_REPORT, "report", filed.key, detail="excused")
    await nudges.settle(scene.tx, [filed.key, f"{filed.key}:items"])


async def paper(scene: Scene, home_id: str, period: Period) -> bool:
    """The paper copy has come, or, tapped again, has not; which of the two."""
    await reports.home(scene.tx, scene.actor, Action.DECIDE_REPORT, home_id)
    filed = await reports.filed(scene.tx, home_id, period)
    there = filed.paper_at is None
    scene.note(Action.DECIDE_REPORT, "report", filed.key, detail="paper" if there else "no paper")
    by = scene.actor.person_id if there else ""
    await reports.keep(scene.tx, replace(filed, paper_at=scene.now if there else None, paper_by=by))
    return there


async def _home_people(scene: Scene, home_id: str) -> list[Person]:
    return await keepers(scene.tx, [Role.HOME_LEAD, Role.TEACHER], scene.today, homes=[home_id])


def _title(filed: Filed) -> Text:
    return title(filed.report.home_name if filed.report else "", filed.period)


def _tell(scene: Scene, filed: Filed, people: Sequence[Person], text: Text, what: str) -> None:
    for one in people:
        if one.chat_id and one.id != scene.actor.person_id:
            scene.tell(
                Message(
                    one.chat_id,
                    text=text,
                    buttons=((opener(filed.home_id, filed.period, T("Open the report")),),),
                    person_id=one.id,
                    priority=Priority.NUDGE,
                    key=f"{filed.key}:{what}:{one.id}:{scene.now:%Y-%m-%dT%H:%M}",
                    needs=Action.SEE_REPORT,
                )
            )


def opener(home_id: str, period: Period, label: Text) -> Button:
    """Below what says something of its own, which stays."""
    return Button(label, f"b|report|see|{home_id}|{period.key}")


async def show(scene: Scene, home_id: str, period: Period) -> None:
    """The report again, after a conversation about it."""
    command = scene.registry.commands["report"]
    assert command.tapped
    await command.tapped(scene, ("written", home_id, period.key))
