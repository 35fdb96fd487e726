"""The monthly report of each home, due on the 22nd: two information items by the 15th, reminders on the 19th, 21st and
22nd, and once it is overdue daily for a week, then weekly, until the next one is due."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from bot.engine.duty import Duty, Nudge, Owed, Recipient, Standing, Tick
from bot.engine.keepers import coordinators, keepers_of
from bot.engine.message import Button
from bot.engine.nudging import DIGEST_HOUR
from care.access import Action
from care.calendar import Calendar, Period, period_of, periods_ended, report_reminders
from care.monthly_report import ITEMS_WANTED, ReportState
from care.people import Actor, Role
from care.text import TN, T, Text, Value, phrase, words
from storage import excuses, reports, staff
from storage.database import Tx
from storage.reports import NAME, HomeMonth

ITEMS_ON, ITEMS_UNTIL = 15, 18
REMINDER_HOUR = 9
DAILY, WEEK = 7, 7
LEADER_FROM = 3
"""Days after the due day."""
NAMED = 4
GRACE = timedelta(days=3)
"""/due looks so far ahead; what it looks at is not over before."""
REACH = timedelta(days=14)
"""In a long holiday a reminder may come so long before the next one."""


class Kind(Enum):
    ITEMS = "items"
    REMINDER = "reminder"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Rung:
    kind: Kind
    name: str
    period: Period
    at: datetime
    latest: datetime
    days_late: int = 0


# --- when


def fallen(tick: Tick) -> list[Rung]:
    """What fell due in the tick's window and still makes sense."""
    found = [*_mornings(tick), *_reminders(tick)]
    return [rung for rung in found if rung.at <= tick.now < rung.latest]


def _mornings(tick: Tick) -> Iterator[Rung]:
    for day in tick.days_at(DIGEST_HOUR):
        at = tick.moment(day, DIGEST_HOUR)
        period = period_of(day)
        if day == period.day(ITEMS_ON):
            latest = tick.moment(period.day(ITEMS_UNTIL), DIGEST_HOUR)
            yield Rung(Kind.ITEMS, str(ITEMS_ON), period, at, latest)
        late = (day - period.previous.due).days
        if late <= DAILY or late % WEEK == 0:
            latest = tick.moment(day + timedelta(days=1), 0)
            yield Rung(Kind.OVERDUE, f"over:{day.isoformat()}", period.previous, at, latest, late)


def _reminders(tick: Tick) -> Iterator[Rung]:
    for day in tick.days_at(REMINDER_HOUR):
        period = period_of(day)
        days = report_reminders(tick.calendar, period)
        for place, (when, number) in enumerate(days):
            if when == day:
                after = days[place + 1 :]
                latest = tick.moment(after[0][0], REMINDER_HOUR) if after else _overdue_at(tick, period)
                yield Rung(Kind.REMINDER, str(number), period, tick.moment(day, REMINDER_HOUR), latest)


def _overdue_at(tick: Tick, period: Period) -> datetime:
    return tick.moment(period.due + timedelta(days=1), DIGEST_HOUR)


# --- who hears what


async def due(tx: Tx, tick: Tick) -> Sequence[Nudge]:
    nudges: list[Nudge] = []
    for rung in fallen(tick):
        months = [one for one in await _open(tx, rung.period) if _owed_at(one, rung.at)]
        match rung.kind:
            case Kind.ITEMS:
                nudges += await _items(tx, rung, [one for one in months if one.items < ITEMS_WANTED])
            case Kind.REMINDER:
                nudges += await _reminder(tx, rung, months)
            case Kind.OVERDUE:
                nudges += await _overdue(tx, rung, months)
    return nudges


async def _open(tx: Tx, period: Period) -> list[HomeMonth]:
    return [one for one in await reports.standings(tx, period, handed_in_too=False) if one.open]


def _owed_at(one: HomeMonth, moment: datetime) -> bool:
    """What was sent back since is not asked for at moments when it had been handed in."""
    return one.returned_at is None or one.returned_at <= moment


async def _items(tx: Tx, rung: Rung, months: Sequence[HomeMonth]) -> list[Nudge]:
    teachers = await keepers_of(tx, Role.TEACHER, [one.home_id for one in months])
    return [
        _nudge(rung, one, to, _items_text(one), digest=True, part=":items")
        for one in months
        for to in teachers.get(one.home_id, ())
    ]


async def _reminder(tx: Tx, rung: Rung, months: Sequence[HomeMonth]) -> list[Nudge]:
    """Who has prepared it hears no more: then it is the head's turn."""
    homes = [one.home_id for one in months]
    leads, teachers = await keepers_of(tx, Role.HOME_LEAD, homes), await keepers_of(tx, Role.TEACHER, homes)
    nudges = []
    for one in months:
        asked = [*leads.get(one.home_id, ()), *(teachers.get(one.home_id, ()) if _is_teachers(one, leads) else ())]
        nudges += [_nudge(rung, one, to, _reminder_text(one, to.role)) for to in _each_once(asked)]
    return nudges


def _is_teachers(one: HomeMonth, leads: Mapping[str, Sequence[Recipient]]) -> bool:
    return one.state is not ReportState.READY or one.home_id not in leads


async def _overdue(tx: Tx, rung: Rung, months: Sequence[HomeMonth]) -> list[Nudge]:
    homes = [one.home_id for one in months]
    leads, teachers = await keepers_of(tx, Role.HOME_LEAD, homes), await keepers_of(tx, Role.TEACHER, homes)
    leaders = await keepers_of(tx, Role.LEADER, homes) if rung.days_late >= LEADER_FROM else {}
    nudges = []
    for one in months:
        heads = leads.get(one.home_id) or teachers.get(one.home_id) or []
        asked = [*heads, *leaders.get(one.home_id, [])]
        nudges += [_nudge(rung, one, to, _overdue_text(one, to.role), digest=True) for to in _each_once(asked)]
    return nudges + await _district(tx, rung, months)


async def _district(tx: Tx, rung: Rung, months: Sequence[HomeMonth]) -> list[Nudge]:
    """The coordinator's list, in one line."""
    if not months:
        return []
    opens = Button(T("See the list"), f"b|report|month|{rung.period.key}")
    return [
        Nudge(
            owed=f"{NAME}:district:{rung.period.key}",
            rung=rung.name,
            to=to,
            text=_district_text(rung.period, months),
            at=rung.at,
            latest=rung.latest,
            needs=Action.SEE_REPORT,
            opens=opens,
            digest=True,
        )
        for to in await coordinators(tx)
    ]


def _each_once(asked: Sequence[Recipient]) -> list[Recipient]:
    return list({to.person_id: to for to in reversed(asked)}.values())[::-1]


def _nudge(rung: Rung, one: HomeMonth, to: Recipient, text: Text, *, digest: bool = False, part: str = "") -> Nudge:
    return Nudge(
        owed=one.key + part,
        rung=rung.name,
        to=to,
        text=text,
        at=rung.at,
        latest=rung.latest,
        needs=Action.SEE_REPORT,
        opens=Button(T("Open the report"), f"b|report|see|{one.home_id}|{one.period.key}"),
        digest=digest,
    )


# --- words


def _items_text(one: HomeMonth) -> Text:
    return T(
        "{home}: {count} of {wanted} information items for {month} so far. Any entry becomes one with a tap.",
        home=words(one.home_name),
        count=one.items,
        wanted=ITEMS_WANTED,
        month=one.period.name,
    )


def _reminder_text(one: HomeMonth, role: Role) -> Text:
    told: dict[str, Value] = {"home": words(one.home_name), "month": one.period.name, "day": one.period.due}
    if one.state is ReportState.READY and role is Role.HOME_LEAD:
        return T("The report of {home} for {month} is ready for you. Please hand it in by {day}.", **told)
    text = T("The report of {home} for {month} is due on {day}.", **told)
    if one.items >= ITEMS_WANTED:
        return T("{text} Nothing is missing.", text=text)
    return T("{text} {missing}", text=text, missing=_missing(one))


def _missing(one: HomeMonth) -> Text:
    short = ITEMS_WANTED - one.items
    return TN("{count} information item is still missing.", "{count} information items are still missing.", short)


def _overdue_text(one: HomeMonth, role: Role) -> Text:
    told: dict[str, Value] = {"home": words(one.home_name), "month": one.period.name, "day": one.period.due}
    if role is Role.LEADER:
        return T("{home} has not handed in its report for {month}; it was due on {day}. Could you ask?", **told)
    if one.state is ReportState.RETURNED:
        return T("The report of {home} for {month} was sent back and waits for your changes.", **told)
    return T("The report of {home} for {month} was due on {day}. Please hand it in today.", **told)


def _district_text(period: Period, months: Sequence[HomeMonth]) -> Text:
    names: list[Value] = [words(one.home_name) for one in months[:NAMED]]
    if len(months) > NAMED:
        names.append(TN("{count} other home", "{count} other homes", len(months) - NAMED))
    return T("No report for {month} yet from {homes}.", month=period.name, homes=phrase(names))


# --- how it stands


async def owed(tx: Tx, actor: Actor, calendar: Calendar, first: date, last: date) -> Sequence[Owed]:
    """Reports that are due in first..last; `last` is taken for a day shortly after today."""
    found: list[Owed] = []
    for period in periods_ended(first, last):
        months = await reports.standings(tx, period, actor=actor)
        homes = [one.home_id for one in months]
        owners = [await staff.of_homes(tx, role, homes) for role in (Role.HOME_LEAD, Role.TEACHER)]
        for one in months:
            people = dict.fromkeys(person.id for of in owners for person in of.get(one.home_id, ()))
            found.append(_owed(one, tuple(people), last - GRACE))
    return found


def _owed(one: HomeMonth, owners: tuple[str, ...], today: date) -> Owed:
    return Owed(
        NAME,
        one.home_id,
        one.period.key,
        T("Monthly report of {home}, {month}", home=words(one.home_name), month=one.period.name),
        one.home_id,
        owners,
        one.period.due,
        standing(one, today),
        one.first_submitted_on if not one.open else None,
        f"b|report|see|{one.home_id}|{one.period.key}",
    )


def standing(one: HomeMonth, today: date) -> Standing:
    """Sent back, it is owed again; handed in again it is as early as it was at first. When the next one is due and it
    has not come, it is missed for good."""
    if one.open:
        return Standing.OPEN if today <= one.period.next.due else Standing.MISSED
    if one.first_submitted_on:
        return Standing.MET if one.first_submitted_on <= one.period.due else Standing.LATE
    return Standing.VOID if one.excused == excuses.VOID else Standing.EXCUSED


async def still(tx: Tx, keys: Collection[str]) -> Collection[str]:
    """Keys of homes, of their items alone, and of the whole district."""
    left: set[str] = set()
    for period in {Period.read(key.split(":")[2]) for key in keys}:
        open_ones = await _open(tx, period)
        left |= {one.key for one in open_ones}
        left |= {f"{one.key}:items" for one in open_ones if one.items < ITEMS_WANTED}
        left |= {f"{NAME}:district:{period.key}"} if open_ones else set()
    return [key for key in keys if key in left]


DUTY = Duty(NAME, Action.SEE_REPORT, T("Monthly reports"), due, owed, still=still, reach=REACH)
