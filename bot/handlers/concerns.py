"""/concerns: the worries that are open, who looks after each, and every step that was taken."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine import check_ins
from bot.engine.command import Command, starting
from bot.engine.concerns import LAW, OPEN, TAKE, silence, tell_those_told
from bot.engine.draw import named
from bot.engine.message import Button, Rows
from bot.engine.scene import Scene
from care.access import Action
from care.concern import Closing, Gravity, Lane
from care.records import KINDS
from care.refusal import Refusal
from care.text import T, Text, Value, lines, words
from storage import concerns, people, said
from storage.concerns import Concern, Step

SHOWN = 10
NOTHING = T("No worry is open. That is good news.")
STEPS = {
    "opened": T("raised"),
    "taken": T("taken on"),
    "step": T("done"),
    "narrowed": T("said which child it is about"),
    "closed": T("closed"),
    "corrected": T("the entry was corrected"),
}
ONE_MORE = T("one more sign")
ASKED_FOR = T("The family asked for somebody to come at once.")


async def run(scene: Scene, _: str) -> None:
    found = (await concerns.open_in_reach(scene.tx, scene.actor))[:SHOWN]
    scene.note(Action.FOLLOW_CONCERN, "concerns", "open")
    if not found:
        scene.say(NOTHING)
        return
    told = [T("{number}. {told}", number=place, told=_line(one)) for place, one in enumerate(found, start=1)]
    buttons = [
        Button(T("{number}", number=place), f"b|concerns|open|{one.id}") for place, one in enumerate(found, start=1)
    ]
    rows = tuple(tuple(buttons[at : at + 5]) for at in range(0, len(buttons), 5))
    scene.say(T("<b>Open worries</b>\n{told}\n\nTap a number to open it.", told=lines(told)), rows, protect=True)


def _line(one: Concern) -> Text:
    told = T("{mark} {child}, since {day}", mark=_mark(one), child=named(one.about), day=one.opened_at)
    if one.owner_id:
        return T("{one} · {other}", one=told, other=words(one.owner))
    return T("{one} · {other}", one=told, other=T("nobody has taken it on"))


def _mark(one: Concern) -> str:
    if one.lane is Lane.QUIET:
        return "⚠️"
    return "🔴" if one.level is Gravity.URGENT else "🟡"


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case ["open", id]:
            await _open(scene, await _one(scene, id))
        case ["take", id]:
            await _take(scene, await _one(scene, id))
        case ["read", id]:
            await _read(scene, await _one(scene, id))
        case _:
            raise Refusal


async def _one(scene: Scene, id: str) -> Concern:
    found = await concerns.one(scene.tx, scene.actor, id)
    if found is None:
        raise Refusal(reason="no such concern in reach")
    return found


async def _take(scene: Scene, one: Concern) -> None:
    """It has an owner now, and nobody is asked any more."""
    if one.closed_at is not None:
        scene.say(T("That one is closed already."))
        return
    if one.owner_id and one.owner_id != scene.actor.person_id:
        scene.say(T("{name} has taken it on already.", name=words(one.owner)), ((Button(OPEN, _opens(one)),),))
        return
    if not one.owner_id:
        await concerns.take(scene.tx, one.id, scene.actor.person_id, scene.now)
        await silence(scene, one.id)
        scene.note(Action.FOLLOW_CONCERN, "concern", one.id, detail="taken")
        text = T("{name} looks after {child} now.", name=words(scene.actor.name), child=named(one.about))
        await tell_those_told(scene, one, text, "taken")
        one = await _one(scene, one.id)
    scene.edit_tapped(
        T("Thank you for taking it on: {child}. Please note what you do.", child=named(one.about)), _doors(scene, one)
    )


def _opens(one: Concern) -> str:
    return f"b|concerns|open|{one.id}"


async def _open(scene: Scene, one: Concern) -> None:
    """Its page; every view is noted."""
    scene.note("concern.open", "concern", one.id, detail="seen")
    told: list[Value] = [_step(step) for step in await concerns.steps(scene.tx, one.id)]
    if one.why:
        told.append(Closing.of(one.why).label)
    if one.source_kind == check_ins.NAME:
        told.insert(0, ASKED_FOR)
    text = T("{line}\n\n{told}", line=_line(one), told=lines(told))
    text = await _with_family(scene, one, text)
    if one.lane is Lane.QUIET:
        text = T("{text}\n\n{law}", text=text, law=LAW)
    scene.say(text, _doors(scene, one), protect=True)


async def _with_family(scene: Scene, one: Concern, text: Text) -> Text:
    """Whom to call, as long as it is open; never where the words point to harm, which may come from near."""
    if one.lane is Lane.QUIET or one.closed_at is not None:
        return text
    numbers = await check_ins.family_numbers(scene.tx, one.about, one.excluded_id)
    return T("{text}\n\n{told}", text=text, told=check_ins.FAMILY(numbers=lines(numbers))) if numbers else text


def _step(step: Step) -> Text:
    kind, _, _ = step.kind.partition(":")
    what = ONE_MORE if kind == "sign" else STEPS.get(kind, STEPS["step"])
    told = T("{at} · {name} · {what}", at=step.at, name=words(step.by), what=what)
    return T("{one}: {other}", one=told, other=words(step.words)) if step.words else told


def _doors(scene: Scene, one: Concern) -> Rows:
    rows: list[tuple[Button, ...]] = []
    if one.source_kind in KINDS:
        rows.append((Button(T("See the entry"), f"b|recent|open|{one.source_id}"),))
    elif one.source_kind == "said":
        rows.append((Button(T("Read what was written"), f"b|concerns|read|{one.id}"),))
    rows += [(starting(f"child|{child.id}", child.called),) for child in one.about[:3]]
    if one.closed_at is None:
        if one.waits:
            rows.insert(0, (Button(TAKE, f"b|concerns|take|{one.id}"),))
        rows.append((starting(f"concern_step|{one.id}", T("✏️ Note a step")),))
        rows.append((starting(f"concern_close|{one.id}", T("☑ Close it")),))
    return tuple(rows)


async def _read(scene: Scene, one: Concern) -> None:
    """The words that a family wrote, to those who may, because they asked for them."""
    if one.source_kind != "said" or one.lane is not Lane.QUIET:
        raise Refusal(reason="no words to read")
    found = await said.one(scene.tx, scene.actor, one.source_id, Action.SEE_HARM)
    if found is None:
        raise Refusal(reason="no words in reach")
    scene.note(Action.SEE_HARM, "said", found.id)
    await check_ins.hear(scene, found.id)
    writer = await people.person(scene.tx, found.person_id)
    text = T("{name}: {told}", name=words(writer.name if writer else ""), told=words(str(found.body["words"] or "🎤")))
    scene.say(text, protect=True)


COMMAND = Command("concerns", Action.FOLLOW_CONCERN, run, T("Open worries"), tapped=tapped)
