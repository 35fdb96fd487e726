"""What a person gets when they come in, or when their roles change: a greeting and their menu."""

from __future__ import annotations

from bot.engine.command import starting
from bot.engine.i18n import Languages
from bot.engine.message import Button, Message, Rows, Verb
from bot.engine.registry import Registry
from care.people import Actor, Role
from care.text import T, Text, phrase, words

OWN_NAME = T("English (the name of this language)")

FOR_WORK = T(
    "Hello {name}! I am Xinqiao, the bridge between the children's homes, their families and "
    "friends.\n\nYou are here as: {roles}.\n\n"
    "Tap a button below or the menu beside the text field. If you get stuck, send /help."
)
FOR_GUARDIANS = T(
    "Hello {name}! I am Xinqiao, from your child's school.\n\nNow and then I ask you how your child is: "
    "one tap is enough. "
    "If something worries you, just write to me or send a voice message; the teacher will hear it."
)
WAITING = T(
    "Hello {name}! I know who you are now. There is nothing for you to do yet; your coordinator will tell you "
    "when it starts."
)

MOST_DOORS = 9


def greeting(registry: Registry, actor: Actor) -> tuple[Text, Rows]:
    """Short, with what this person can do as buttons."""
    name = words(actor.name)
    if not actor.grants:
        return WAITING(name=name), ()
    if actor.roles == {Role.GUARDIAN}:
        return FOR_GUARDIANS(name=name), ()
    roles = phrase(role.label for role in Role if role in actor.roles)
    return FOR_WORK(name=name, roles=roles), doors(registry, actor)


def doors(registry: Registry, actor: Actor) -> Rows:
    """What this person does most, as buttons: the first alone where their number is odd, the others two by two."""
    opened = [button for name, about in registry.menu(actor) if (button := _door(registry, name, about))][:MOST_DOORS]
    first = len(opened) % 2
    pairs = (tuple(opened[start : start + 2]) for start in range(first, len(opened), 2))
    return (tuple(opened[:first]), *pairs) if first else tuple(pairs)


def _door(registry: Registry, name: str, about: Text) -> Button | None:
    if name in registry.flows:
        return starting(name, about)
    command = registry.commands[name]
    return command.button(about) if command.door else None


def menu(registry: Registry, actor: Actor) -> Message:
    return Message(
        actor.chat_id, Verb.MENU, menu=registry.menu(actor), person_id=actor.person_id, language=actor.language
    )


def language_rows(languages: Languages) -> Rows:
    """One button for each language, named in itself."""
    named = (Button(words(languages.render(OWN_NAME, name)), f"b|language|{name}") for name in languages.names)
    return (tuple(named),)
