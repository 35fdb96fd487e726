"""/notices: the last notices, how far each is and who has acknowledged; by home, stopping, asking again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.engine.command import Command, starting
from bot.engine.message import Button, Rows
from bot.engine.notices import (
    card_kind,
    home_name,
    homes_text,
    line,
    page,
    silent_text,
    start_of,
)
from bot.engine.scene import Scene
from care.access import Action
from care.notice import LASTS, Stage
from care.refusal import Refusal
from care.text import TN, T, Text, lines
from storage import notices, receipts
from storage.notices import Notice

SHOWN = 8
ACROSS = 4
_ROUND = re.compile("[0-9]{1,4}")


async def run(scene: Scene, _: str) -> None:
    found = await notices.latest(scene.tx, scene.actor, SHOWN)
    scene.note(Action.SEE_NOTICES, "notices", "latest")
    write: Rows = ((starting("notice", T("📢 Send a notice")),),)
    if not found:
        scene.say(T("No notice has been sent yet."), write)
        return
    for notice in found:
        await receipts.refresh(scene.tx, notice.id)
    tallies = await receipts.tallies(scene.tx, [notice.id for notice in found])
    told = [
        T("{number}. {told}", number=place, told=line(notice, tallies[notice.id], scene.actor.language))
        for place, notice in enumerate(found, start=1)
    ]
    doors = [COMMAND.button(T("{number}", number=n), "open", notice.id) for n, notice in enumerate(found, start=1)]
    text = T("<b>Notices</b>\n{told}\n\nTap a number to see how far it is.", told=lines(told))
    scene.say(text, (*_rows(doors), *write))


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case ["open", id]:
            await _open(scene, await _notice(scene, id))
        case ["homes", id]:
            await _homes(scene, await _notice(scene, id))
        case ["home", id, home_id]:
            await _home(scene, await _notice(scene, id), home_id)
        case ["stop", id]:
            await _stop(scene, await _notice(scene, id))
        case ["again", id, number] if _ROUND.fullmatch(number):
            await _again(scene, await _notice(scene, id), int(number))
        case _:
            raise Refusal


async def _notice(scene: Scene, id: str) -> Notice:
    notice = await notices.one(scene.tx, id)
    if notice is None:
        raise Refusal(reason="no such notice")
    return notice


async def _open(scene: Scene, notice: Notice) -> None:
    """A card that moves on from now on."""
    await receipts.refresh(scene.tx, notice.id)
    tally = (await receipts.tallies(scene.tx, [notice.id]))[notice.id]
    text, rows = page(notice, tally, scene.actor.language)
    scene.note(Action.SEE_NOTICES, "notice", notice.id)
    scene.say(text, rows, card=scene.fresh_card(card_kind(notice.id)))


async def _homes(scene: Scene, notice: Notice) -> None:
    await receipts.refresh(scene.tx, notice.id)
    found = await receipts.by_home(scene.tx, scene.actor, notice.id)
    if not found:
        scene.say(T("It has not gone out yet."))
        return
    doors = [
        COMMAND.button(T("📞 {home}", home=home_name(home)), "home", notice.id, home.home_id)
        for home in found
        if home.tally.answered < home.tally.total
    ]
    text = T("<b>#{number} by home</b>\n\n{told}", number=notice.number, told=homes_text(found))
    scene.say(text, _rows(doors, 2))


async def _home(scene: Scene, notice: Notice, home_id: str) -> None:
    """Whom somebody should call."""
    await receipts.refresh(scene.tx, notice.id)
    found = await receipts.silent(scene.tx, scene.actor, notice.id, home_id)
    scene.note(Action.SEE_NOTICES, "notice", notice.id, detail="names")
    if found:
        text = T("<b>#{number}: not acknowledged yet</b>\n{told}", number=notice.number, told=silent_text(found))
    else:
        text = T("Everybody there has acknowledged #{number}.", number=notice.number)
    scene.say(text, protect=True)


async def _stop(scene: Scene, notice: Notice) -> None:
    if notice.stage not in (Stage.WAITING, Stage.SENDING):
        await _redraw(scene, notice.id, None)
        return
    waiting = notice.stage is Stage.WAITING
    stopped = await notices.cancel(scene.tx, notice, scene.now)
    scene.note(Action.SEND_NOTICE, "notice", notice.id, detail="stopped")
    told = TN("✖ Stopped: {count} message was not sent.", "✖ Stopped: {count} messages were not sent.", stopped)
    await _redraw(scene, notice.id, T("✖ Stopped before it went out.") if waiting else told)


async def _again(scene: Scene, notice: Notice, number: int) -> None:
    """The number is that of the round which the button offered: tapped twice, it is one."""
    if notice.rounds + 1 != number or notice.stage is Stage.CANCELLED:
        await _redraw(scene, notice.id, None)
        return
    await receipts.refresh(scene.tx, notice.id)
    begin = start_of(scene.now, scene.zone, emergency=notice.emergency)
    asked = await notices.ask_again(scene.tx, notice, scene.now, not_before=begin, expires_at=begin + LASTS)
    scene.effects.fanned_out = True
    scene.note(Action.SEND_NOTICE, "notice", notice.id, detail=f"again {number}")
    told = TN("🔔 {count} person is asked again.", "🔔 {count} people are asked again.", asked)
    await _redraw(scene, notice.id, told if asked else T("Nobody can be asked again just now."))


async def _redraw(scene: Scene, id: str, told: Text | None) -> None:
    """The tapped message becomes the page as it now stands."""
    notice = await _notice(scene, id)
    tally = (await receipts.tallies(scene.tx, [id]))[id]
    text, rows = page(notice, tally, scene.actor.language)
    scene.edit_tapped(text, rows)
    if told:
        scene.say(told)


def _rows(buttons: Sequence[Button], across: int = ACROSS) -> Rows:
    return tuple(tuple(buttons[start : start + across]) for start in range(0, len(buttons), across))


COMMAND = Command("notices", Action.SEE_NOTICES, run, T("Notices sent"), tapped=tapped)
