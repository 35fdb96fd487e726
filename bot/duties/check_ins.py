"""The check-in: asked at ten on its days, and climbing from the moment it was sent until somebody has answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.engine.check_ins import NAME, buttons, guardian_key, with_number
from bot.engine.command import starting
from bot.engine.deputies import filled
from bot.engine.duty import Duty, Nudge, Owed, Recipient, Standing, Tick
from bot.engine.keepers import coordinators, keepers_of, recipients
from bot.engine.message import Button
from bot.engine.portions import portions
from care.access import Action, reach
from care.calendar import Calendar, is_check_in_day
from care.check_in import ASK_HOUR, ASK_UNTIL, FROM_TEACHER, LADDER, LONGEST, Answer, Rung, State, Step, climb
from care.people import Actor, Role
from care.text import TN, T, Text, Value, lines, phrase, words
from storage import check_ins, families
from storage.check_ins import CheckIn, New
from storage.database import Tx
from storage.families import Family, Relative

AT_ONCE = 5000
SOON, LOOK_AGAIN = timedelta(seconds=30), timedelta(minutes=5)
"""When it is looked at whether the question was sent: after the first tick, and while it still waits."""
SHOWN, FEW = 10, 3

OTHERS = T("We have not heard from home today about {children}. Do you know whether all is well?")
NOT_ASKED = T(
    "I was out of order and could not ask the families about {day}. Please see whether all is well with the children."
)
FOR_TEACHER = T(
    "<b>Still open from the check-in of {day}</b>\n{told}\n\n"
    "❔ no answer · 📋 to call · 📞 call back · 👂 to hear\nPlease call them today."
)
ABOVE = T(
    "<b>For two days nobody knows how these children are</b> (check-in of {day}):\n{told}\n\n"
    "Please see that somebody goes there."
)


async def due(tx: Tx, tick: Tick) -> Sequence[Nudge]:
    said: list[Nudge] = []
    for day in reversed(tick.days_at(ASK_HOUR)):
        if is_check_in_day(tick.calendar, day):
            said += await _ask(tx, tick, day)
    while many := await check_ins.due(tx, tick.now, AT_ONCE):
        said += await _look(tx, tick, many)
    return said


# --- asking


async def _ask(tx: Tx, tick: Tick, day: date) -> list[Nudge]:
    """The question of the day, to whoever can be asked; too late in the day it is not asked any more."""
    known_by = tick.moment(day, ASK_HOUR) if day < tick.today else tick.now
    unasked = await families.unasked(tx, day, known_by)
    if tick.now >= tick.moment(day, ASK_UNTIL.hour):
        return await _too_late(tx, tick, day, unasked)
    began: dict[str, str] = {}
    async for some in portions(unasked):
        began |= await check_ins.begin(tx, [_new(family, day, tick.now) for family in some])
    fresh = [family for family in unasked if family.child_id in began]
    by_guardian: defaultdict[str, list[tuple[Family, Relative]]] = defaultdict(list)
    for family in fresh:
        for one in family.first_asked:
            by_guardian[one.person_id].append((family, one))
    said = [_question(day, asked, tick) for asked in by_guardian.values()]
    async for pairs in portions(list(zip(said, by_guardian.items(), strict=True))):
        await check_ins.note_asks(
            tx, [(began[family.child_id], who, nudge.key) for nudge, (who, asked) in pairs for family, _ in asked]
        )
    return [*said, *await _to_call(tx, tick, day, [family for family in fresh if family.out_of_reach])]


def _new(family: Family, day: date, now: datetime) -> New:
    if family.first_asked:
        return New(family.child_id, family.home_id, day, State.ASKING, family.out_of_reach, next_at=now + SOON)
    next_at = now + LADDER[FROM_TEACHER].after
    return New(family.child_id, family.home_id, day, State.LISTED, True, now, FROM_TEACHER, next_at)


def _question(day: date, asked: Sequence[tuple[Family, Relative]], tick: Tick) -> Nudge:
    """One message to one guardian, about all their children."""
    who = asked[0][1]
    return Nudge(
        owed=guardian_key(day, who.person_id),
        rung=f"ask:{asked[0][0].code}",
        to=Recipient(who.person_id, who.chat_id or 0, Role.GUARDIAN),
        text=_asking([family.short_name for family, _ in asked]),
        at=tick.now,
        latest=tick.moment(day, ASK_UNTIL.hour),
        needs=Action.ANSWER_CHECK_IN,
        free=True,
        answers=buttons(day.isoformat()),
    )


def _asking(short_names: Sequence[str]) -> Text:
    return TN(
        "Hello! Is {children} all right today? One tap is enough. Should anything worry you, just tell me.",
        "Hello! Are {children} all right today? One tap is enough. Should anything worry you, just tell me.",
        len(short_names),
        children=phrase(map(words, short_names)),
    )


def _asking_again(short_names: Sequence[str]) -> Text:
    return TN(
        "We have not heard from you yet: is {children} all right? One tap is enough.",
        "We have not heard from you yet: are {children} all right? One tap is enough.",
        len(short_names),
        children=phrase(map(words, short_names)),
    )


async def _too_late(tx: Tx, tick: Tick, day: date, unasked: Sequence[Family]) -> list[Nudge]:
    rows = [New(family.child_id, family.home_id, day, State.NOT_ASKED) for family in unasked]
    began = await check_ins.begin(tx, rows)
    homes = {family.home_id for family in unasked if family.child_id in began}
    return await _not_asked(tx, tick, day, homes)


async def _not_asked(tx: Tx, tick: Tick, day: date, homes: Collection[str]) -> list[Nudge]:
    return [
        nudge
        for home, teachers in (await keepers_of(tx, Role.TEACHER, homes)).items()
        for nudge in _to_home(NOT_ASKED(day=day), "not_asked", day, home, teachers, tick)
    ]


async def _to_call(tx: Tx, tick: Tick, day: date, out_of_reach: Sequence[Family]) -> list[Nudge]:
    """The teacher's call list, from the first minute."""
    by_home: defaultdict[str, int] = defaultdict(int)
    for family in out_of_reach:
        by_home[family.home_id] += 1
    teachers = await keepers_of(tx, Role.TEACHER, by_home)
    return [
        nudge
        for home, to in teachers.items()
        for nudge in _to_home(_families_to_call(day, by_home[home]), "list", day, home, to, tick)
    ]


def _families_to_call(day: date, count: int) -> Text:
    """The day is named: after an outage it may be read days later."""
    return TN(
        "Check-in of {day}: {count} family cannot be asked here. Please call them when you can.",
        "Check-in of {day}: {count} families cannot be asked here. Please call them when you can.",
        count,
        day=day,
    )


def _to_home(text: Text, rung: str, day: date, home: str, teachers: Iterable[Recipient], tick: Tick) -> Iterable[Nudge]:
    for to in teachers:
        yield Nudge(
            owed=f"{NAME}:{day.isoformat()}:home:{home}",
            rung=f"{rung}:{tick.now:%d%H%M}",
            to=to,
            text=text,
            at=tick.now,
            latest=tick.moment(day, ASK_HOUR) + LONGEST,
            needs=Action.SEE_CHECK_INS,
            opens=Button(T("📋 Open the list"), f"b|today|home|{home}"),
            free=True,
        )


# --- climbing


async def _look(tx: Tx, tick: Tick, many: Sequence[CheckIn]) -> list[Nudge]:
    """What those whose moment has come have to say; each is moved on."""
    on_the_way = [one for one in many if one.state is State.ASKING]
    said = await _see_sent(tx, tick, on_the_way)
    climbing = [one for one in many if one.state is not State.ASKING]
    older = await check_ins.held_until(tx, climbing)
    rungs: defaultdict[Step, list[CheckIn]] = defaultdict(list)
    moved = []
    for one in climbing:
        assert one.since is not None
        held = older[one.id] + LONGEST if one.id in older else None
        risen = climb(one.place, one.since, tick.now, held)
        for step in risen.said:
            rungs[step].append(one)
        over = risen.next_at is None and one.silent
        moved.append((one.id, State.MISSED if over else one.state, risen.place, risen.next_at))
    await check_ins.move(tx, moved)
    for step in LADDER:
        if step in rungs:
            said += await _SAY[step.rung](tx, tick, step, rungs[step])
    return said


async def _see_sent(tx: Tx, tick: Tick, many: Sequence[CheckIn]) -> list[Nudge]:
    """Ladders count from the moment the question was sent; who cannot be reached after all stands on the list."""
    known = await check_ins.sending(tx, [one.id for one in many])
    sent: dict[str, datetime] = {}
    moved: list[tuple[str, State, int, datetime | None]] = []
    too_late: defaultdict[date, set[str]] = defaultdict(set)
    for one in many:
        seen = known.get(one.id)
        if seen and seen.sent_at:
            sent[one.id] = seen.sent_at
            moved.append((one.id, State.ASKED, 0, seen.sent_at + LADDER[0].after))
        elif seen and seen.waiting:
            moved.append((one.id, State.ASKING, 0, tick.now + LOOK_AGAIN))
        elif seen and seen.expired:
            moved.append((one.id, State.NOT_ASKED, 0, None))
            too_late[one.day].add(one.child.home_id)
        else:
            sent[one.id] = tick.now
            next_at = tick.now + LADDER[FROM_TEACHER].after
            moved.append((one.id, State.LISTED, FROM_TEACHER, next_at))
    await check_ins.sent(tx, sent)
    await check_ins.move(tx, moved)
    await check_ins.put_on_list(tx, [id for id, state, _, _ in moved if state is State.LISTED])
    return [nudge for day, homes in too_late.items() for nudge in await _not_asked(tx, tick, day, homes)]


async def _remind(tx: Tx, tick: Tick, step: Step, many: Sequence[CheckIn]) -> list[Nudge]:
    """Those who were asked once more, and the other guardians for the first time."""
    silent = [one for one in many if one.silent]
    asked = await check_ins.asked(tx, [one.id for one in silent])
    around = await families.relatives(tx, {one.child.id for one in silent})
    groups: defaultdict[tuple[date, str, bool], list[tuple[CheckIn, Relative]]] = defaultdict(list)
    for one in silent:
        for relative in around.get(one.child.id, ()):
            if relative.chat_id:
                again = relative.person_id in asked.get(one.id, ())
                groups[one.day, relative.person_id, again].append((one, relative))
    said, noted = [], []
    for (day, who, again), group in groups.items():
        nudge = _reminder(day, again, group, step)
        said.append(nudge)
        noted += [(one.id, who, nudge.key) for one, _ in group if not again]
    await check_ins.note_asks(tx, noted)
    return said


def _reminder(day: date, again: bool, group: Sequence[tuple[CheckIn, Relative]], step: Step) -> Nudge:
    first, who = group[0]
    assert first.asked_at is not None
    names = [one.child.short_name for one, _ in group]
    return Nudge(
        owed=guardian_key(day, who.person_id),
        rung=f"{'remind' if again else 'others'}:{first.child.code}:{first.asked_at:%d%H%M}",
        to=Recipient(who.person_id, who.chat_id or 0, Role.GUARDIAN, who.name),
        text=_asking_again(names) if again else OTHERS(children=phrase(map(words, names))),
        at=first.asked_at + step.after,
        latest=first.asked_at + step.limit,
        needs=Action.ANSWER_CHECK_IN,
        free=True,
        answers=buttons(day.isoformat()),
    )


async def _tell_teachers(tx: Tx, tick: Tick, step: Step, many: Sequence[CheckIn]) -> list[Nudge]:
    around = await families.relatives(tx, {one.child.id for one in many})
    teachers = await keepers_of(tx, Role.TEACHER, {one.child.home_id for one in many})
    to = {one.id: teachers.get(one.child.home_id, []) for one in many}

    def text(day: date, theirs: Sequence[CheckIn]) -> Text:
        return FOR_TEACHER(day=day, told=_rows(theirs, around))

    return await _tell_groups(tx, tick, step, many, to, text)


async def _tell_volunteers(tx: Tx, tick: Tick, step: Step, many: Sequence[CheckIn]) -> list[Nudge]:
    """Only where nobody has heard anything: what a family has said is not for volunteers."""
    silent = [one for one in many if one.silent]
    homes = {one.child.id: one.child.home_id for one in silent}
    paired = await filled(tx, await families.volunteers(tx, homes, tick.today), homes.__getitem__)
    to = {one.id: recipients(paired.get(one.child.id, ()), Role.VOLUNTEER) for one in silent}

    def text(day: date, theirs: Sequence[CheckIn]) -> Text:
        return TN(
            "The family of {children} has not answered the check-in of {day}. Could you call, or drop by?",
            "The families of {children} have not answered the check-in of {day}. Could you call, or drop by?",
            len(theirs),
            children=phrase(one.child.called for one in theirs),
            day=day,
        )

    return await _tell_groups(tx, tick, step, silent, to, text)


async def _tell_above(tx: Tx, tick: Tick, step: Step, many: Sequence[CheckIn]) -> list[Nudge]:
    leaders = await keepers_of(tx, Role.LEADER, {one.child.home_id for one in many})
    district = await coordinators(tx)
    to = {one.id: [*district, *leaders.get(one.child.home_id, [])] for one in many}

    def text(day: date, theirs: Sequence[CheckIn]) -> Text:
        return ABOVE(day=day, told=_homes(theirs))

    return await _tell_groups(tx, tick, step, many, to, text)


async def _tell_groups(
    tx: Tx,
    tick: Tick,
    step: Step,
    many: Sequence[CheckIn],
    to: Mapping[str, Sequence[Recipient]],
    text: Callable[[date, Sequence[CheckIn]], Text],
) -> list[Nudge]:
    """One message for each person, about all children whom they have not been told of at this rung."""
    known = await check_ins.told(tx, [one.id for one in many], step.rung)
    groups: defaultdict[tuple[str, date], list[CheckIn]] = defaultdict(list)
    people: dict[str, Recipient] = {}
    for one in many:
        for person in to.get(one.id, ()):
            if (one.id, person.person_id) not in known:
                people[person.person_id] = person
                groups[person.person_id, one.day].append(one)
    said, noted = [], []
    for (who, day), theirs in groups.items():
        owed = f"{NAME}:{day.isoformat()}:{step.rung}:{who}:{tick.now:%d%H%M}"
        said.append(_to_adult(owed, people[who], step, theirs, text(day, theirs)))
        noted += [(one.id, step.rung.value, who, owed) for one in theirs]
    await check_ins.note_told(tx, noted)
    return said


def _to_adult(owed: str, to: Recipient, step: Step, theirs: Sequence[CheckIn], text: Text) -> Nudge:
    since = [one.since for one in theirs if one.since]
    volunteer = to.role is Role.VOLUNTEER
    child, home = theirs[0].child, theirs[0].child.home_id
    page = starting(f"child|{child.id}", T("See {child}", child=words(child.short_name)))
    return Nudge(
        owed=owed,
        rung=step.rung,
        to=to,
        text=text,
        at=min(since) + step.after,
        latest=max(since) + step.limit,
        needs=Action.LOG_VISIT if volunteer else Action.SEE_CHECK_INS,
        opens=page if volunteer else Button(T("📋 Open the list"), f"b|today|home|{home}"),
        free=True,
    )


def _rows(theirs: Sequence[CheckIn], around: Mapping[str, Sequence[Relative]]) -> Value:
    """Each child with the number to call first; the list behind the button has them all."""
    told: list[Value] = []
    for one in theirs[:SHOWN]:
        row = T("{mark} {child}", mark=one.status.mark, child=one.child.called)
        numbers = [with_number(who) for who in around.get(one.child.id, ()) if who.phone]
        told.append(T("{one}: {other}", one=row, other=numbers[0]) if numbers else row)
    if len(theirs) > SHOWN:
        told.append(T("and {count} more", count=len(theirs) - SHOWN))
    return lines(told)


def _homes(theirs: Sequence[CheckIn]) -> Value:
    """Home by home: a few children, and how many more."""
    by_home: defaultdict[str, list[CheckIn]] = defaultdict(list)
    for one in theirs:
        by_home[one.child.home_name].append(one)
    told: list[Value] = []
    for home, own in by_home.items():
        names: list[Value] = [one.child.called for one in own[:FEW]]
        if len(own) > FEW:
            names.append(T("{count} more", count=len(own) - FEW))
        told.append(T("<b>{home}</b>: {counts}", home=words(home), counts=phrase(names)))
    return lines(told)


_SAY = {
    Rung.REMIND: _remind,
    Rung.TEACHER: _tell_teachers,
    Rung.VOLUNTEER: _tell_volunteers,
    Rung.ABOVE: _tell_above,
}


# --- what is owed


async def owed(tx: Tx, actor: Actor, calendar: Calendar, first: date, last: date) -> Sequence[Owed]:
    """For a teacher: families to call back, words to hear, and those who can only be called."""
    mine = {home for grant in actor.grants if grant.role is Role.TEACHER for home in grant.homes}
    if not mine or reach(actor, Action.SETTLE_CHECK_IN).nothing:
        return []
    waiting = [one for one in await check_ins.to_do(tx, actor) if first <= one.day <= last]
    theirs = [one for one in waiting if one.child.home_id in mine]
    return [_owed(one, actor) for one in theirs if one.answer in _TASKS] + _lists(theirs, actor)


_TASKS = {Answer.CALL: T("Call back the family of {child}"), Answer.WORDS: T("Hear what the family of {child} says")}


def _owed(one: CheckIn, actor: Actor) -> Owed:
    assert one.answer is not None
    return Owed(
        NAME,
        one.id,
        one.day.isoformat(),
        _TASKS[one.answer](child=one.child.called),
        one.child.home_id,
        (actor.person_id,),
        one.day,
        Standing.OPEN,
        opens=f"b|today|called|{one.id}" if one.answer is Answer.CALL else f"b|today|home|{one.child.home_id}",
    )


def _lists(theirs: Sequence[CheckIn], actor: Actor) -> list[Owed]:
    """One line for each home and day."""
    silent: defaultdict[tuple[str, date], int] = defaultdict(int)
    for one in theirs:
        silent[one.child.home_id, one.day] += one.silent
    return [
        Owed(
            NAME,
            home,
            day.isoformat(),
            T("Families to call: {count}", count=count),
            home,
            (actor.person_id,),
            day,
            Standing.OPEN,
            opens=f"b|today|home|{home}",
        )
        for (home, day), count in silent.items()
        if count
    ]


async def still(tx: Tx, keys: Collection[str]) -> Collection[str]:
    """Looked at just before it is said: nothing climbs once there is an answer."""
    parts = {key: key.split(":") for key in keys}
    calls = {key: own[2] for key, own in parts.items() if own[1] == "call"}
    homes = {key for key, own in parts.items() if own[2] == "home"}
    guardians = {key: (date.fromisoformat(own[1]), own[2]) for key, own in parts.items() if _is_guardians(own)}
    adults = set(keys) - calls.keys() - homes - guardians.keys()
    asked = await check_ins.asked_in_vain(tx, set(guardians.values()))
    waiting = await check_ins.unsettled_abouts(tx, adults)
    open_calls = await check_ins.still_to_call(tx, set(calls.values()))
    return {
        *homes,
        *waiting,
        *(key for key, pair in guardians.items() if pair in asked),
        *(key for key, id in calls.items() if id in open_calls),
    }


def _is_guardians(parts: Sequence[str]) -> bool:
    return len(parts) == 3 and parts[1] != "call"


DUTY = Duty(NAME, Action.SEE_CHECK_INS, T("Check-ins"), due, owed, still=still, reach=timedelta(days=7))
