"""/calls: the families that do not know of a safety notice yet; one tap says that they have been told."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.calls import ANSWER_WITHIN, LIMIT, about, key_of
from bot.engine.command import Command
from bot.engine.message import Button, Rows
from bot.engine.notices import settle
from bot.engine.scene import Scene
from care.access import Action
from care.notice import Fate
from care.phones import spaced
from care.refusal import Refusal
from care.text import TN, T, Text, Value, lines, phrase, words
from storage import notices, nudges, unheard
from storage.notices import Notice
from storage.unheard import Call

SHOWN = 8
HOW = {"phone": Fate.BY_PHONE, "door": Fate.AT_DOOR}

Waiting = list[tuple[Notice, list[Call]]]


async def run(scene: Scene, _: str) -> None:
    text, rows = _page(await _waiting(scene))
    scene.note(Action.CALL_FAMILIES, "calls", "list", detail="names")
    scene.say(text, rows, protect=True)


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case ["all"]:
            await run(scene, "")
        case ["phone" | "door" as how, notice_id, person_id]:
            await _told(scene, how, notice_id, person_id)
        case _:
            raise Refusal


async def _told(scene: Scene, how: str, notice_id: str, person_id: str) -> None:
    """The list moves up; tapped twice it just stays as it is."""
    before = {call.home_id for _, found in await _waiting(scene) for call in found if call.person_id == person_id}
    if await unheard.told(scene.tx, scene.actor, notice_id, person_id, HOW[how], scene.now):
        await settle(scene.tx, notice_id, person_id)
        scene.note(Action.CALL_FAMILIES, "notice", notice_id, detail=f"{how} {person_id}")
        left = await unheard.families(scene.tx, None, notice_id)
        await nudges.settle(scene.tx, [key_of(notice_id, home) for home in before if not left.get(home, (0, 0))[0]])
    text, rows = _page(await _waiting(scene))
    scene.edit_tapped(T("✅ Noted, thank you.\n\n{rest}", rest=text), rows)


async def _waiting(scene: Scene) -> Waiting:
    """By notice, the newest last."""
    recent = await notices.safety_since(scene.tx, scene.now - LIMIT)
    since = scene.now - ANSWER_WITHIN
    found = [(notice, await unheard.calls(scene.tx, scene.actor, notice.id, since)) for notice in recent]
    return [(notice, calls) for notice, calls in found if calls]


def _page(waiting: Waiting) -> tuple[Text, Rows]:
    if not waiting:
        return T("Every family knows. There is nobody to call."), ()
    told: list[Value] = []
    rows: list[tuple[Button, ...]] = []
    several = len({call.home_id for _, calls in waiting for call in calls}) > 1
    for notice, calls in waiting:
        shown = calls[: SHOWN - len(rows)]
        if shown:
            told.append(T("<b>{topic}</b>, sent {day}", topic=about(notice), day=notice.send_at))
        for call in shown:
            told.append(_line(len(rows) + 1, call, home=several))
            rows.append(_buttons(len(rows) + 1, call))
    if more := sum(len(calls) for _, calls in waiting) - len(rows):
        told.append(TN("… and {count} more family", "… and {count} more families", more))
    text = T(
        "<b>Families to call</b>\nThey have not answered yet. Tap when you have told them.\n\n{told}", told=lines(told)
    )
    return text, tuple(rows)


def _line(number: int, call: Call, *, home: bool) -> Text:
    about_whom = phrase(child.called for child in call.children)
    line = T(
        "{number}. {name} ({relation}) · {children}\n     {phone}",
        number=number,
        name=words(call.name),
        relation=words(call.relation),
        children=about_whom,
        phone=words(spaced(call.phone)) if call.phone else T("no phone number known"),
    )
    return T("{one} · {other}", one=line, other=words(call.children[0].home_name)) if home else line


def _buttons(number: int, call: Call) -> tuple[Button, ...]:
    carried = (call.notice_id, call.person_id)
    return (
        COMMAND.button(T("📞 {number} by phone", number=number), "phone", *carried),
        COMMAND.button(T("🚪 {number} at the door", number=number), "door", *carried),
    )


COMMAND = Command("calls", Action.CALL_FAMILIES, run, T("Families to call"), tapped=tapped)
