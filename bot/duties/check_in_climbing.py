"""How a question climbs that nobody answers: from the moment at which it was sent, rung by rung."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.duties.check_in_asking import not_asked, to_call
from bot.engine.check_ins import NAME, buttons, guardian_key, with_number
from bot.engine.command import starting
from bot.engine.deputies import filled
from bot.engine.duty import Nudge, Recipient, Tick
from bot.engine.keepers import coordinators, keepers_of, recipients
from bot.engine.message import Button
from care.access import Action
from care.check_in import FROM_TEACHER, LADDER, LONGEST, Rung, State, Step, climb
from care.people import Role
from care.text import TN, T, Text, Value, lines, phrase, words
from storage import check_in_asks, check_ins, families
from storage.check_ins import CheckIn
from storage.database import Tx
from storage.families import Relative

LOOK_AGAIN = timedelta(minutes=5)
"""While the question still waits to be sent."""
SHOWN, FEW = 10, 3
OTHERS = T("We have not heard from home today about {children}. Do you know whether all is well?")
FOR_TEACHER = T(
    "<b>Still open from the check-in of {day}</b>\n{told}\n\n"
    "❔ no answer · 📋 to call · 📞 call back · 👂 to hear\nPlease call them today."
)
ABOVE = T(
    "<b>For two days nobody knows how these children are</b> (check-in of {day}):\n{told}\n\n"
    "Please see that somebody goes there."
)


async def look(tx: Tx, tick: Tick, many: Sequence[CheckIn]) -> list[Nudge]:
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
    """Ladders count from the moment the question was sent; who cannot be reached after all stands on the list, and
    the teacher hears of it, but for those who were on it from the start."""
    known = await check_in_asks.sending(tx, [one.id for one in many])
    sent: dict[str, datetime] = {}
    moved: list[tuple[str, State, int, datetime | None]] = []
    too_late: defaultdict[date, set[str]] = defaultdict(set)
    listed: defaultdict[date, list[tuple[str, str]]] = defaultdict(list)
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
            if not one.listed:
                listed[one.day].append((one.child.home_id, one.child.code))
    await check_ins.sent(tx, sent)
    await check_ins.move(tx, moved)
    await check_ins.put_on_list(tx, [id for id, state, _, _ in moved if state is State.LISTED])
    said = [nudge for day, homes in too_late.items() for nudge in await not_asked(tx, tick, day, homes)]
    return said + await to_call(tx, tick, tick.today, listed[tick.today])


async def _remind(tx: Tx, tick: Tick, step: Step, many: Sequence[CheckIn]) -> list[Nudge]:
    """Those who were asked once more, and the other guardians for the first time."""
    silent = [one for one in many if one.silent]
    asked = await check_in_asks.asked(tx, [one.id for one in silent])
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
    await check_in_asks.note_asks(tx, noted)
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


def _asking_again(short_names: Sequence[str]) -> Text:
    return TN(
        "We have not heard from you yet: is {children} all right? One tap is enough.",
        "We have not heard from you yet: are {children} all right? One tap is enough.",
        len(short_names),
        children=phrase(map(words, short_names)),
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
    known = await check_in_asks.told(tx, [one.id for one in many], step.rung)
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
    await check_in_asks.note_told(tx, noted)
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
