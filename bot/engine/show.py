"""Records as people read them: a line on a list, a page when opened."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.amend import choices
from bot.engine.command import Command, starting
from bot.engine.conversation import State
from bot.engine.draw import FEW, answer_text, named
from bot.engine.message import Rows
from bot.engine.registry import Registry
from bot.engine.scene import Scene
from care.access import Action, may
from care.phones import spaced
from care.records.fields import Level
from care.text import T, Text, Value, lines, pack, words
from storage import people, records
from storage.records import Saved

NUMBERS = 4
"""How many number buttons stand side by side."""


def line(saved: Saved, *, author: bool = False) -> Text:
    """What, about whom, and by whom where it is not the reader's own."""
    told = T("{mark}{what}", mark=_mark(saved), what=saved.body.headline)
    if saved.about:
        told = T("{one} · {other}", one=told, other=named(saved.about))
    elif not saved.children:
        told = T("{one} · {other}", one=told, other=words(saved.home_name))
    return T("{one} · {other}", one=told, other=words(saved.author_name)) if author else told


def _mark(saved: Saved) -> str:
    if saved.status == "superseded":
        return "↪ "
    return {Level.URGENT.value: "🔴 ", Level.WATCH.value: "🟡 "}.get(saved.concern, "")


def listing(saved: Sequence[Saved], *, author: bool = False) -> Value:
    """Numbered, each under its day."""
    told: list[Value] = []
    for place, one in enumerate(saved, start=1):
        if place == 1 or one.happened_on != saved[place - 2].happened_on:
            told.append(T("<b>{day}</b>", day=one.happened_on))
        told.append(T("{number}. {told}", number=place, told=line(one, author=author)))
    return lines(told)


def openers(saved: Sequence[Saved], command: Command) -> Rows:
    """Rows of numbers, each opening the record of that place on the list."""
    buttons = [command.button(T("{number}", number=place), "open", one.id) for place, one in enumerate(saved, start=1)]
    return tuple(tuple(buttons[start : start + NUMBERS]) for start in range(0, len(buttons), NUMBERS))


async def open_page(scene: Scene, command: Command, record_id: str) -> None:
    """Show one record in full, with what its author or another reader can do next; every view is noted."""
    saved = await records.one(scene.tx, scene.actor, record_id)
    scene.note("record.open", saved.kind, saved.id)
    text, rows = page(scene.registry, saved), choices(scene, command, saved)
    if saved.author_id != scene.actor.person_id:
        text, rows = await _with_phone(scene, saved, text), (*rows, *_children(scene, saved))
    scene.say(text, rows, protect=True)


async def _with_phone(scene: Scene, saved: Saved, text: Text) -> Text:
    """Who has to look after an urgent worry can call its author."""
    if saved.concern != Level.URGENT or not may(scene.actor, Action.HEAR_CONCERN):
        return text
    author = await people.person(scene.tx, saved.author_id)
    if author is None or not author.phone:
        return text
    return T("{text}\n\n📞 {name} {phone}", text=text, name=words(author.name), phone=words(spaced(author.phone)))


def _children(scene: Scene, saved: Saved) -> Rows:
    """A door to the page of each child, where they are few."""
    if len(saved.about) > FEW or not may(scene.actor, Action.SEE_CHILD):
        return ()
    label = T("See the child's page")
    return tuple(
        (starting(f"child|{child.id}", label if len(saved.about) == 1 else child.called),) for child in saved.about
    )


async def open_history(scene: Scene, record_id: str) -> None:
    """All versions, the newest first."""
    versions = await records.history(scene.tx, scene.actor, record_id)
    scene.note("record.history", versions[0].kind, versions[0].id)
    told = [T("<b>{number}.</b> {page}", number=one.version, page=page(scene.registry, one)) for one in versions]
    scene.say(T("{versions}", versions=lines(told)), protect=True)


def page(registry: Registry, saved: Saved) -> Text:
    """The record in full; words of a closed circle show as a length."""
    heading = T("<b>{title}</b> · #{number}", title=saved.body.headline, number=saved.number)
    wrote = T("{author}, {at}", author=words(saved.author_name), at=saved.created_at)
    return T("{heading}\n{told}\n\n{wrote}", heading=heading, told=lines(_answers(registry, saved)), wrote=wrote)


def _answers(registry: Registry, saved: Saved) -> list[Value]:
    flow = next(flow for flow in registry.flows.values() if flow.record is type(saved.body))
    called = [pack(child.called) for child in saved.about]
    labels = {"child": called, "children": called, "home": [pack(words(saved.home_name))]}
    state = State(answers=saved.body.model_dump(mode="json"), labels=labels)
    if saved.body.concern is Level.NONE:
        del state.answers["concern"]
    told = ((ask.label, answer_text(flow, state, ask)) for ask in flow.asks if ask.when(state.answers))
    return [T("{label}: {answer}", label=label, answer=answer) for label, answer in told if answer is not None]
