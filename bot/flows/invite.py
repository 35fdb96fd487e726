"""/invite: a coordinator invites somebody: role, scope, expected name; out comes a link that works once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

from bot.engine.flow import Ask, Choice, Flow
from bot.engine.message import Button
from bot.engine.offers import children_for, homes_for
from bot.engine.scene import Scene
from care.access import Action
from care.invitation import Invitation
from care.people import HOME_ROLES, Role
from care.text import T, words
from storage import children, invitations, people
from storage.vault import hash_token

LASTS = timedelta(hours=72)
TOKEN_BYTES = 16
"""128 random bits."""

TO_FORWARD = T(
    "Hello {name}! Our children's homes have a helper that you can chat with: Xinqiao. To join us, please open this "
    "link on your phone by {until} and tap “Start”:\n{link}"
)
"""Below the card with the link, to be passed on as it is."""


async def _roles(_: Scene, __: Mapping[str, Any]) -> Sequence[Choice]:
    return [Choice(role.value, role.label) for role in Role]


async def _without_a_chat(scene: Scene, answers: Mapping[str, Any]) -> Sequence[Choice]:
    """Those on the roster with this role, in this home or around this child, whom no phone is linked to yet."""
    if answers.get("child"):
        family = await children.guardians(scene.tx, scene.actor, Action.INVITE, answers["child"])
        return [Choice(one.person_id, words(one.name)) for one in family if not one.has_chat]
    return [
        Choice(held.person_id, words(held.name))
        for held in await people.holdings(scene.tx, scene.actor)
        if held.role == answers.get("role") and not held.has_chat and held.home_id == answers.get("home")
    ]


def _new(answers: Mapping[str, Any]) -> bool:
    return not answers.get("person")


def _of_a_home(answers: Mapping[str, Any]) -> bool:
    return answers.get("role") in HOME_ROLES


def _of_a_child(answers: Mapping[str, Any]) -> bool:
    return answers.get("role") == Role.GUARDIAN


async def finish(scene: Scene, record: Invitation) -> None:
    token = token_urlsafe(TOKEN_BYTES)
    known = await people.person(scene.tx, record.person) if record.person else None
    name = known.name if known else record.name or ""
    id = await invitations.invite(
        scene.tx,
        token_hash=hash_token(token),
        role=record.role,
        expected_name=name,
        person_id=known.id if known else None,
        now=scene.now,
        expires_at=scene.now + LASTS,
        home_id=record.home,
        child_id=record.child,
        invited_by=scene.actor.person_id,
    )
    scene.note(Action.INVITE, "invitation", id)
    link = f"https://t.me/{scene.bot_username}?start={token}"
    scene.say(
        T(
            "Here is the link for <b>{name}</b> ({role}). Send it to this person only. It works once and "
            "until {until}; when it is "
            "opened, I ask you whether it is the right person.\n\n{link}",
            name=words(name),
            role=record.role.label,
            until=scene.now + LASTS,
            link=words(link),
        ),
        ((Button(T("📋 Copy the link"), copy=link),),),
    )
    scene.say(TO_FORWARD(name=words(name), until=scene.now + LASTS, link=words(link)))


FLOW = Flow(
    "invite",
    version=1,
    needs=Action.INVITE,
    title=T("Invite somebody"),
    record=Invitation,
    done=T("The link is ready."),
    finish=finish,
    confirm=T("✅ Make the link"),
    asks=(
        Ask("role", T("Role"), T("What is this person's role?"), _roles),
        Ask(
            "home",
            T("Home"),
            T("For which children's home? Tap, or type its name."),
            homes_for(Action.INVITE),
            when=_of_a_home,
            skip=None,
        ),
        Ask(
            "child",
            T("Child"),
            T("Guardian of which child? Tap, or type a name or a code."),
            children_for(Action.INVITE),
            when=_of_a_child,
        ),
        Ask(
            "person",
            T("On the roster"),
            T("Who is it? These are on the roster and have no phone linked yet. Tap, or type a name."),
            _without_a_chat,
            skip=T("Somebody new"),
            otherwise="name",
        ),
        Ask("name", T("Name"), T("What is the person's name? I show it to you when the link is opened."), when=_new),
    ),
)
