"""/child: a child's page, within one's scope."""

from __future__ import annotations

from datetime import date

from bot.engine.command import starting
from bot.engine.flow import Ask, Flow
from bot.engine.message import Button, Rows
from bot.engine.offers import children_for
from bot.engine.scene import Scene
from bot.engine.show import listing, openers
from care.access import Action, may
from care.children import Child
from care.invitation import Choosing
from care.phones import spaced
from care.text import T, Text, Value, lines, words
from storage import children, consents, pairings, records

SHOWN = 5
AWAY = {"father": T("father"), "mother": T("mother"), "both": T("both parents")}
SEX = {"female": T("girl"), "male": T("boy")}


async def finish(scene: Scene, record: Choosing) -> None:
    child = await children.child(scene.tx, scene.actor, Action.SEE_CHILD, record.one)
    found = await records.of_child(scene.tx, scene.actor, child.id, SHOWN)
    scene.note(Action.SEE_CHILD, "child", child.id)
    told: list[Value] = [*_about(child, scene.today), *await _around(scene, child)]
    text = T("<b>{child}</b>\n{told}", child=child.called, told=lines(told))
    if found:
        text = T("{page}\n\n<b>Lately</b>\n{records}", page=text, records=listing(found, author=True))
    doors = (*_doors(scene, child), *await _ends(scene, child), *await _consent(scene, child))
    scene.say(text, (*openers(found, scene.registry.commands["recent"]), *doors), protect=True)


def _about(child: Child, today: date) -> list[Value]:
    """Where the child is at home and what to know; only what is on file."""
    details = child.details or {}
    told: list[Value] = [words(child.home_name)]
    if child.class_name or child.sex in SEX:
        told.append(T("{sex} {class_name}", sex=SEX.get(child.sex, T("child")), class_name=words(child.class_name)))
    if child.born_on:
        told.append(_age(child.born_on, today))
    if details.get("away") in AWAY:
        told.append(T("Away for work: {who}", who=AWAY[details["away"]]))
    for name, label in _LABELS.items():
        if details.get(name):
            told.append(T("{label}: {answer}", label=label, answer=words(str(details[name]))))
    return told


def _age(born: date, today: date) -> Text:
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return T("Age {age}, born {year}-{month}-{day}", age=years, year=str(born.year), month=born.month, day=born.day)


_LABELS: dict[str, Text] = {
    "where": T("Where"),
    "work": T("Work"),
    "family": T("Family"),
    "health": T("Health"),
    "interests": T("Likes"),
}


async def _around(scene: Scene, child: Child) -> list[Value]:
    told: list[Value] = [
        T(
            "{name} ({relation}) {phone}",
            name=words(one.name),
            relation=words(one.relation),
            phone=words(spaced(one.phone)),
        )
        for one in await children.guardians(scene.tx, scene.actor, Action.SEE_CHILD, child.id)
    ]
    for pairing in await pairings.pairings_of(scene.tx, [child.id]):
        told.append(T("Love mother or volunteer: {name}", name=words(pairing.name)))
        if pairing.last_contact_on:
            told.append(T("Last contact: {day}", day=pairing.last_contact_on))
    return told


def _doors(scene: Scene, child: Child) -> Rows:
    """What this reader can do for this child next."""
    flows = scene.registry.flows
    usual = (flows[name] for name, _ in scene.registry.menu(scene.actor) if name in flows)
    return tuple(
        (starting(f"{flow.name}|{child.id}", flow.title),) for flow in usual if flow.given in ("child", "children")
    )


async def _ends(scene: Scene, child: Child) -> Rows:
    if not may(scene.actor, Action.PAIR):
        return ()
    return tuple(
        (Button(T("End the pairing with {name}", name=words(one.name)), f"b|pairing|end|{one.id}"),)
        for one in await pairings.pairings_of(scene.tx, [child.id])
    )


async def _consent(scene: Scene, child: Child) -> Rows:
    if not may(scene.actor, Action.NOTE_CONSENT):
        return ()
    if await consents.live(scene.tx, [child.id]):
        return ((Button(T("🚫 The family takes its consent back"), f"b|consent|end|{child.id}"),),)
    return ((Button(T("✍️ The family has signed (again)"), f"b|consent|again|{child.id}"),),)


FLOW = Flow(
    "child",
    version=1,
    needs=Action.SEE_CHILD,
    title=T("A child's page"),
    record=Choosing,
    done=T("Here you are."),
    finish=finish,
    review=False,
    given="one",
    asks=(
        Ask(
            "one",
            T("Child"),
            T("Which child? Tap, or type a name or a code."),
            children_for(Action.SEE_CHILD),
            nobody=T("There is no child for you to see here at the moment."),
        ),
    ),
)
