"""Who comes in: strangers, people with a link, and words that belong to no conversation."""

from __future__ import annotations

from dataclasses import replace

from bot.engine import converse
from bot.engine.greet import doors, greeting, language_rows, menu
from bot.engine.message import Button, Message, Priority, Rows
from bot.engine.scene import Scene
from bot.engine.turn import Kind
from bot.handlers import check_in
from bot.handlers.got_it import acknowledge_latest
from care.access import Action
from care.people import Actor, Role
from care.records.fields import blank
from care.refusal import Refusal
from care.text import T, Text, words
from storage import invitations, people, strangers
from storage.invitations import Invitation
from storage.vault import hash_token

HELLO = T(
    "Hello! I am Xinqiao, the helper of the district's children's homes. I can only talk with people who "
    "have been invited. "
    "Please ask your school or the coordinator for a link."
)
NO_LINK = T("This link cannot be used: it may be too old or used already. Please ask your coordinator for a new one.")
WAIT = T("Thank you! The coordinator has been told and will let you in. You will hear from me.")
MOST_TRIES = 5
SHORT = 4


async def stranger(scene: Scene) -> bool:
    """Somebody whom nobody knows: a link, a language, else one answer an hour. True when they are known now."""
    turn = scene.turn
    scene.actor = replace(
        scene.actor, language=await strangers.language(scene.tx, turn.chat_id) or scene.actor.language
    )
    if turn.command == "start" and turn.argument:
        return await link(scene, turn.argument)
    if turn.tap.startswith("b|language|"):
        await choose_language(scene, turn.tap.rpartition("|")[2])
    elif await strangers.may_answer(scene.tx, turn.chat_id, scene.now):
        scene.say(HELLO, language_rows(scene.languages))
    return False


async def choose_language(scene: Scene, chosen: str) -> None:
    """For anybody, known or not."""
    if chosen not in scene.languages.names:
        raise Refusal
    scene.actor = replace(scene.actor, language=chosen, chosen_language=True)
    if scene.actor.known:
        await people.set_language(scene.tx, scene.actor.person_id, chosen)
        scene.tell(menu(scene.registry, scene.actor))
    else:
        await strangers.remember_language(scene.tx, scene.turn.chat_id, chosen)
    scene.edit_tapped(T("Good, I will speak English with you. You can change it any time with /language."))


async def link(scene: Scene, token: str) -> bool:
    """Used, expired, unknown and tried too often get the same answer; a stranger who goes on trying gets it once an
    hour."""
    tries = await strangers.count_try(scene.tx, scene.turn.chat_id, scene.now)
    invitation = (
        await invitations.open_invitation(scene.tx, hash_token(token), scene.now) if tries <= MOST_TRIES else None
    )
    taken = invitation and await invitations.use(
        scene.tx, invitation.id, scene.turn.chat_id, scene.turn.name, scene.actor.language, scene.now
    )
    if not invitation or not taken:
        scene.note("invitation.use", "invitation", "", "refused", "no such link")
        guessing = tries > MOST_TRIES and not scene.actor.known
        if not guessing or await strangers.may_answer(scene.tx, scene.turn.chat_id, scene.now):
            scene.say(NO_LINK)
        return False
    scene.note("invitation.use", "invitation", invitation.id)
    if invitation.needs_confirmation:
        scene.say(WAIT)
        await _ask_coordinators(scene, invitation)
        return False
    await let_in(scene, invitation.id, by="operator")
    return True


async def _ask_coordinators(scene: Scene, invitation: Invitation) -> None:
    for keeper in await people.keepers(scene.tx, [Role.COORDINATOR], scene.today):
        if keeper.chat_id:
            scene.tell(
                Message(
                    keeper.chat_id,
                    text=T(
                        "The link for <b>{expected}</b> ({role}) was opened by “{came}”. Is it the right person?",
                        came=words(scene.turn.name or "?"),
                        expected=words(invitation.expected_name),
                        role=invitation.role.label,
                    ),
                    buttons=(
                        (Button(T("✅ Yes, let them in"), f"b|people|yes|{invitation.id}"),),
                        (Button(T("✖ No"), f"b|people|no|{invitation.id}"),),
                    ),
                    person_id=keeper.id,
                    key=f"confirm:{invitation.id}:{keeper.id}",
                    priority=Priority.NUDGE,
                    needs=Action.INVITE,
                )
            )


async def let_in(scene: Scene, invitation_id: str, by: str) -> Actor | None:
    """Link the chat, grant the role, and greet."""
    person_id = await invitations.confirm(scene.tx, invitation_id, by, scene.now, scene.today)
    scene.note(Action.INVITE, "person", person_id, detail="let in")
    actor = await people.actor(scene.tx, person_id, scene.today)
    if actor:
        greet(scene, actor)
    return actor


def greet(scene: Scene, actor: Actor) -> None:
    """Hello, the menu, and the question of the language: once."""
    text, rows = greeting(scene.registry, actor)
    scene.tell(_to(actor, text, rows))
    scene.tell(menu(scene.registry, actor))
    if not actor.chosen_language:
        scene.tell(_to(actor, T("Shall I speak English with you?"), language_rows(scene.languages)))


def _to(actor: Actor, text: Text, rows: Rows) -> Message:
    return Message(actor.chat_id, text=text, buttons=rows, person_id=actor.person_id, language=actor.language)


async def stray(scene: Scene) -> None:
    """Words, a photo or a voice note that belong to no conversation: nothing that was said is lost. A family's are a
    check-in, or go to the teacher."""
    if scene.languages.words.noticed(scene.turn.words) and await acknowledge_latest(scene):
        return
    if Role.GUARDIAN in scene.actor.roles and await check_in.heard(scene):
        return
    if scene.turn.kind not in (Kind.WORDS, Kind.MEDIA):
        text = T("I cannot do anything with that. Here is what I can do for you:")
        scene.say(text, doors(scene.registry, scene.actor))
    elif not await _keep(scene):
        scene.say(T("I did not understand that. Here is what I can do for you:"), doors(scene.registry, scene.actor))


async def _keep(scene: Scene) -> bool:
    """Worth keeping: a photo, a recording, or more than a word or two."""
    said = scene.turn.words.strip()
    worth = scene.turn.media or (len(said) >= SHORT and not blank(said))
    return bool(worth) and converse.keep_stray(scene)
