"""/today: how the families have answered, by home at a glance, down to each child with what can be done in one tap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from bot.engine import check_ins as engine
from bot.engine.check_ins import with_number
from bot.engine.command import Command
from bot.engine.message import Button, Rows
from bot.engine.scene import Scene
from care.access import Action, may
from care.calendar import next_check_in
from care.check_in import Answer, Status
from care.refusal import Refusal
from care.text import T, Text, Value, lines, words
from storage import calendar, check_in_answers, check_in_lists, check_ins, families, said, touch
from storage.check_ins import CheckIn
from storage.families import Relative

PAGE = 10
LONG = timedelta(days=14)
LONGEST = 5
NONE_YET = T("No family has been asked yet. The next check-in is on {day}, at ten.")
ASKED = {
    "phone": T("✅ Noted: told by phone that all is well."),
    "door": T("✅ Noted: told at the door that all is well."),
}
ALL_WELL = T("All are well. 🎉")
ONE_TAP = T("After a call or a visit one tap: 📞 ok, by phone · 🚪 ok, at the door · ✖ nobody was reached")
NOTED_TRY = T("Noted: nobody was reached.")


async def run(scene: Scene, _: str) -> None:
    scene.note(Action.SEE_CHECK_INS, "check_ins", "today")
    day = await check_in_lists.last_day(scene.tx, scene.actor, scene.today)
    many = await check_in_lists.at_a_glance(scene.tx, scene.actor, day)
    if not many:
        ahead = next_check_in(await calendar.load(scene.tx), scene.today)
        scene.say(NONE_YET(day=ahead))
        return
    homes = list(dict.fromkeys(one.child.home_id for one in sorted(many, key=_gravity)))
    if len(homes) == 1:
        text, rows = await _home(scene, homes[0], 0)
    else:
        text, rows = _overview(scene, day or scene.today, many, homes)
    silent = await touch.longest_silent(scene.tx, scene.actor, scene.today - LONG, LONGEST)
    if silent:
        told = [T("{child}: {day}", child=child.called, day=since) for child, since in silent]
        text = T("{text}\n\n<b>Nobody has been in touch with them for long</b>\n{told}", text=text, told=lines(told))
    scene.say(text, rows, protect=True)


def _gravity(one: CheckIn) -> int:
    """Homes with the gravest answer come first."""
    return list(Status).index(one.status)


def _overview(scene: Scene, day: date, many: Sequence[CheckIn], homes: Sequence[str]) -> tuple[Text, Rows]:
    by_home = {home: [one for one in many if one.child.home_id == home] for home in homes}
    told = [
        T("<b>{home}</b>: {counts}", home=words(theirs[0].child.home_name), counts=_counts(theirs))
        for theirs in by_home.values()
    ]
    text = T(
        "<b>Check-in of {day}</b>\n{all}\n\n{told}\n\n{legend}",
        day=day,
        all=_counts(many),
        told=lines(told),
        legend=_legend(scene, many),
    )
    open_ones = [home for home, theirs in by_home.items() if any(one.status is not Status.WELL for one in theirs)]
    buttons = [Button(words(by_home[home][0].child.home_name), f"b|today|home|{home}") for home in open_ones]
    return text, tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))


def _counts(many: Iterable[CheckIn]) -> Value:
    counted = Counter(one.status for one in many)
    parts = [T("{mark} {count}", mark=kind.mark, count=counted[kind]) for kind in Status if counted[kind]]
    return _dotted(parts)


def _legend(scene: Scene, many: Iterable[CheckIn]) -> Value:
    """Of the marks that are there."""
    there = {one.status for one in many}
    calls = may(scene.actor, Action.SETTLE_CHECK_IN)
    return _dotted([kind.label if calls else kind.seen_from_above for kind in Status if kind in there])


def _dotted(parts: Sequence[Text]) -> Text:
    whole = parts[0]
    for part in parts[1:]:
        whole = T("{one} · {other}", one=whole, other=part)
    return whole


# --- one home


async def _home(scene: Scene, home_id: str, page: int) -> tuple[Text, Rows]:
    day = await check_in_lists.last_day(scene.tx, scene.actor, scene.today)
    many = await check_in_lists.at_a_glance(scene.tx, scene.actor, day, home_id)
    if not many:
        raise Refusal(reason="no check-in there in reach")
    waiting = sorted((one for one in many if one.status is not Status.WELL), key=_gravity)
    shown = waiting[page * PAGE : (page + 1) * PAGE]
    settling = may(scene.actor, Action.SETTLE_CHECK_IN)
    called = {one.child.id for one in shown if settling or one.status is Status.URGENT}
    around = await families.relatives(scene.tx, called)
    tries = await check_in_answers.tries(scene.tx, [one.id for one in shown])
    told: list[Value] = [_line(one, around.get(one.child.id, ()), tries) for one in shown]
    heading = T("<b>{home}</b> · {day}", home=words(many[0].child.home_name), day=day or scene.today)
    text = T(
        "{heading}\n{counts}\n\n{told}\n\n{legend}",
        heading=heading,
        counts=_counts(many),
        told=lines(told or [ALL_WELL]),
        legend=_legend(scene, many),
    )
    if settling and any(_to_call(one) for one in shown):
        text = T("{one}\n{other}", one=text, other=ONE_TAP)
    rows = tuple(_row(one, page) for one in shown if settling or one.status is Status.URGENT)
    return text, (*rows, *_pages(home_id, page, len(waiting)))


def _line(one: CheckIn, around: Sequence[Relative], tries: Mapping[str, int]) -> Text:
    told = T("{mark} {child}", mark=one.status.mark, child=one.child.called)
    if one.id in tries:
        told = T("{one} ✖{count}", one=told, count=tries[one.id])
    numbers = [T("     {number}", number=with_number(who)) for who in around if who.phone]
    return T("{one}\n{other}", one=told, other=lines(numbers)) if numbers else told


def _to_call(one: CheckIn) -> bool:
    return one.status not in (Status.URGENT, Status.CALL, Status.UNHEARD)


def _row(one: CheckIn, page: int) -> tuple[Button, ...]:
    """What can be done about it in one tap."""
    name = words(one.child.short_name)
    match one.status:
        case Status.URGENT:
            return (Button(T("🔴 {name}: open", name=name), f"b|concerns|open|{one.concern_id}"),)
        case Status.CALL:
            return (Button(T("✅ {name}: called", name=name), f"b|today|called|{one.id}|{page}"),)
        case Status.UNHEARD:
            return (Button(T("👂 {name}: heard", name=name), f"b|today|heard|{one.said_id}|{page}"),)
    return (
        Button(T("📞 {name} ok", name=name), f"b|today|phone|{one.id}|{page}"),
        Button(T("🚪 {name} ok", name=name), f"b|today|door|{one.id}|{page}"),
        Button(T("✖ nobody"), f"b|today|none|{one.id}|{page}"),
    )


def _pages(home_id: str, page: int, count: int) -> Rows:
    row = []
    if page:
        row.append(Button(T("◀ Back"), f"b|today|home|{home_id}|{page - 1}"))
    if (page + 1) * PAGE < count:
        row.append(Button(T("More ▶"), f"b|today|home|{home_id}|{page + 1}"))
    return (tuple(row),) if row else ()


# --- taps


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case ["home", home_id]:
            text, rows = await _home(scene, home_id, 0)
            scene.say(text, rows, protect=True)
        case ["home", home_id, page]:
            scene.edit_tapped(*await _home(scene, home_id, _number(page)))
        case [("phone" | "door" | "none" | "called") as what, id, *page]:
            await _settle(scene, what, id, page)
        case ["heard", id, *page]:
            await _heard(scene, id, page)
        case _:
            raise Refusal


def _number(page: str) -> int:
    if not (page.isascii() and page.isdigit() and len(page) < 4):
        raise Refusal(reason="no such page")
    return int(page)


async def _settle(scene: Scene, what: str, id: str, page: Sequence[str]) -> None:
    one = await check_in_lists.seen(scene.tx, scene.actor, id)
    if one is None or not may(scene.actor, Action.SETTLE_CHECK_IN):
        raise Refusal(reason="not theirs to settle")
    scene.note(Action.SETTLE_CHECK_IN, "check_in", id, detail=what)
    if what == "called":
        told = await _called(scene, one)
    elif what == "none":
        await check_in_answers.step(scene.tx, [id], "unreached", "", scene.actor.person_id, scene.now)
        told = NOTED_TRY
    else:
        await engine.answer(scene, [one.child], Answer.WELL, what)
        told = ASKED[what]
    await _show(scene, told, one.child.home_id, page)


async def _called(scene: Scene, one: CheckIn) -> Text:
    """The family was called back: that settles it for all whom the same tap was about, as far as they are in reach."""
    alike = await check_ins.same_answer(scene.tx, one.id)
    mine = [other for other in alike if other.child.home_id == one.child.home_id and other.answer is Answer.CALL]
    ids = [other.id for other in mine]
    await check_in_answers.close(scene.tx, ids, "called", scene.actor.person_id, scene.now)
    await engine.stop(scene, ids)
    return T("✅ Noted: you called back.")


async def _heard(scene: Scene, id: str, page: Sequence[str]) -> None:
    found = await said.one(scene.tx, scene.actor, id)
    kept = found is not None and found.quiet and not may(scene.actor, Action.SEE_HARM)
    if found is None or kept or not may(scene.actor, Action.SETTLE_CHECK_IN):
        raise Refusal(reason="not theirs to hear")
    rows = await check_ins.of_said(scene.tx, id)
    first = await engine.hear(scene, id)
    told = T("👂 Thank you, I have noted that you heard it.") if first else T("Somebody had heard it already.")
    if rows and page:
        await _show(scene, told, rows[0].child.home_id, page)
    else:
        scene.say(told)


async def _show(scene: Scene, told: Text, home_id: str, page: Sequence[str]) -> None:
    """On the list the list moves; elsewhere the message says what was noted."""
    if page:
        text, rows = await _home(scene, home_id, _number(page[0]))
        scene.edit_tapped(T("{told}\n\n{text}", told=told, text=text), rows)
    else:
        scene.edit_tapped(told, ((Button(T("📋 Open the list"), f"b|today|home|{home_id}"),),))


COMMAND = Command("today", Action.SEE_CHECK_INS, run, T("Check-ins today"), tapped=tapped, door=True)
