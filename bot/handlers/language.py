"""/language: taken from the phone, asked once, changed here."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.command import Command
from bot.engine.greet import language_rows
from bot.engine.scene import Scene
from bot.handlers.welcome import choose_language
from care.access import Action
from care.text import T


async def run(scene: Scene, _: str) -> None:
    scene.say(T("Which language shall I speak with you?"), language_rows(scene.languages))


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    await choose_language(scene, carried[0] if carried else "")


COMMAND = Command("language", Action.START, run, T("Change the language"), tapped=tapped, changes_people=True)
