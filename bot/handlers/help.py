"""/help: what this person can do here; in the middle of a conversation, how to go on."""

from __future__ import annotations

from bot.engine import converse
from bot.engine.command import Command
from bot.engine.greet import doors
from bot.engine.scene import Scene
from care.access import Action
from care.people import Role
from care.text import T, lines, words

GUARDIAN = T(
    "Just write to me or send a voice message; the teacher of your child will hear it. When I ask how "
    "your child is, one tap is enough."
)


async def run(scene: Scene, _: str) -> None:
    if scene.live:
        await converse.explain(scene, scene.live[-1])
        return
    if scene.actor.roles == {Role.GUARDIAN}:
        scene.say(GUARDIAN)
        return
    told = [
        T("/{command} – {about}", command=words(name), about=about) for name, about in scene.registry.menu(scene.actor)
    ]
    scene.say(T("Here is what I can do for you:\n\n{told}", told=lines(told)), doors(scene.registry, scene.actor))


COMMAND = Command("help", Action.START, run, T("Help"))
