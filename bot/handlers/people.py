"""/people: who is here, who waits to be let in; ending a role ends access at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.engine.command import Command, starting
from bot.engine.greet import menu
from bot.engine.message import Button, Message, Rows
from bot.engine.scene import Scene
from bot.handlers.welcome import let_in
from care.access import Action, require
from care.people import Role
from care.refusal import Refusal
from care.text import T, lines, words
from storage import invitations, people

GONE = T("That has been settled already.")


async def run(scene: Scene, _: str) -> None:
    held = Counter(holding.role for holding in await people.holdings(scene.tx, scene.actor))
    scene.note(Action.SEE_PEOPLE, "people", "all")
    told = [T("{role}: {count}", role=role.label, count=held[role]) for role in Role if held[role]]
    waiting = await invitations.waiting(scene.tx)
    rows: Rows = (
        (starting("person", T("🔍 Find a person")),),
        (starting("invite", T("Invite somebody")), starting("pair", T("Pair a child"))),
    )
    scene.say(T("<b>People</b>\n{told}", told=lines(told)), rows)
    for invitation in waiting:
        scene.say(
            T(
                "{came} is waiting to be let in as <b>{expected}</b> ({role}).",
                came=words(invitation.used_by_name or "?"),
                expected=words(invitation.expected_name),
                role=invitation.role.label,
            ),
            (
                (Button(T("✅ Yes, let them in"), f"b|people|yes|{invitation.id}"),),
                (Button(T("✖ No"), f"b|people|no|{invitation.id}"),),
            ),
        )


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case ["yes" | "no" as verb, id]:
            await _decide(scene, verb, id)
        case ["clear", id]:
            await _clear(scene, id)
        case ["end", id]:
            _ask_end(scene, id)
        case ["end!", id]:
            await _end(scene, id)
        case ["keep", _]:
            scene.edit_tapped(T("Nothing was changed."))
        case _:
            raise Refusal


async def _decide(scene: Scene, verb: str, id: str) -> None:
    require(scene.actor, Action.INVITE)
    invitation = await invitations.one(scene.tx, id)
    if invitation is None or invitation.state != "used":
        scene.edit_tapped(GONE)
        return
    name = words(invitation.expected_name)
    if verb == "no":
        await invitations.refuse(scene.tx, id, scene.actor.person_id, scene.now)
        scene.note(Action.INVITE, "invitation", id, "refused", "by coordinator")
        scene.edit_tapped(T("{name} was not let in. The link no longer works.", name=name))
        return
    actor = await let_in(scene, id, scene.actor.person_id)
    rows: Rows = ()
    if actor and invitation.role is Role.VOLUNTEER:
        rows = ((starting(f"person|{actor.person_id}", T("Vetting and pairing")),),)
    scene.edit_tapped(T("✅ {name} is in.", name=name), rows)


async def _clear(scene: Scene, id: str) -> None:
    today = scene.today
    await people.clear(scene.tx, id, vetted_on=today, trained_on=today, conduct_on=today)
    scene.note("people.clear", "person", id)
    scene.edit_tapped(T("Noted with today's date. The role is active now."), ((starting("pair", T("Pair a child")),),))
    if (actor := await people.actor(scene.tx, id, today)) and actor.chat_id:
        scene.tell(menu(scene.registry, actor))


def _ask_end(scene: Scene, id: str) -> None:
    scene.edit_tapped(
        T("End this role? Access ends at once; what was recorded stays."),
        ((COMMAND.button(T("Yes, end it"), "end!", id),), (COMMAND.button(T("No, keep it"), "keep", id),)),
    )


async def _end(scene: Scene, id: str) -> None:
    require(scene.actor, Action.END_ROLE)
    held = next((one for one in await people.holdings(scene.tx, scene.actor) if one.role_id == id), None)
    if held is None or not await people.end_role(scene.tx, id, scene.actor.person_id, scene.now):
        scene.edit_tapped(GONE)
        return
    scene.note(Action.END_ROLE, "role", id)
    scene.edit_tapped(T("✅ The role of {name} has ended.", name=words(held.name)))
    actor = await people.actor(scene.tx, held.person_id, scene.today)
    if actor and actor.chat_id:
        told = T("Your role “{role}” has ended. Thank you for all you have done.", role=held.role.label)
        scene.tell(Message(actor.chat_id, text=told, person_id=actor.person_id))
        scene.tell(menu(scene.registry, actor))


COMMAND = Command("people", Action.SEE_PEOPLE, run, T("People"), tapped=tapped, changes_people=True, door=True)
