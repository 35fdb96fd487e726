"""Find a person and see their roles; from there a coordinator ends a role or a pairing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.engine.absences import deputy_name
from bot.engine.command import starting
from bot.engine.flow import Ask, Choice, Flow
from bot.engine.message import Button, Rows
from bot.engine.scene import Scene
from care.absence import foremost
from care.access import Action
from care.invitation import Choosing
from care.people import Role
from care.phones import spaced
from care.refusal import Refusal
from care.text import T, Text, lines, phrase, words
from storage import absences, pairings, people
from storage.absences import Absence
from storage.pairings import Paired
from storage.people import Holding, Person


async def _people(scene: Scene, _: Mapping[str, Any]) -> Sequence[Choice]:
    named: dict[str, Holding] = {}
    for holding in await people.holdings(scene.tx, scene.actor):
        named.setdefault(holding.person_id, holding)
    return [
        Choice(id, T("{name} · {role}", name=words(holding.name), role=holding.role.label))
        for id, holding in named.items()
    ]


async def finish(scene: Scene, record: Choosing) -> None:
    person = await people.person(scene.tx, record.one)
    held = [holding for holding in await people.holdings(scene.tx, scene.actor) if holding.person_id == record.one]
    if person is None or not held:
        raise Refusal
    scene.note(Action.SEE_PEOPLE, "person", person.id)
    told = [_role(holding) for holding in held]
    absence = (await absences.running(scene.tx, [person.id])).get(person.id)
    if absence:
        told.append(
            T(
                "🏖 away until {day}; who stands in: {deputy}",
                day=absence.last_on,
                deputy=await deputy_name(scene.tx, absence),
            )
        )
    text = T(
        "<b>{name}</b> {phone}\n{told}",
        name=words(person.name),
        phone=words(spaced(person.phone)),
        told=lines([*told, _reach(person)]),
    )
    pairs = await pairings.of_volunteer(scene.tx, person.id)
    rows = (*_clear(person, held), *_away(person, held, absence), *_unpairs(pairs), *_ends(held))
    scene.say(text, rows, protect=True)


def _role(holding: Holding) -> Text:
    text = T("• {role}, since {day}", role=holding.role.label, day=holding.since)
    if holding.home_name:
        text = T("{one} · {other}", one=text, other=words(holding.home_name))
    return (
        T("{one} · children: {codes}", one=text, codes=phrase(words(code) for code in holding.children[:6]))
        if holding.children
        else text
    )


def _reach(person: Person) -> Text:
    if person.reachable:
        return T("Can be reached here.")
    return T("Has blocked me; please call.") if person.chat_id else T("Has no chat with me yet; please invite or call.")


def _clear(person: Person, held: Sequence[Holding]) -> Rows:
    """A volunteer stays inactive until vetting, training and the code of conduct are on file."""
    if any(holding.role is Role.VOLUNTEER for holding in held) and not (
        person.vetted_on and person.trained_on and person.conduct_on
    ):
        return ((Button(T("☑ Vetted, trained, code of conduct signed"), f"b|people|clear|{person.id}"),),)
    return ()


def _away(person: Person, held: Sequence[Holding], absence: Absence | None) -> Rows:
    if foremost({holding.role for holding in held}) is None:
        return ()
    away = starting(f"absence|{person.id}", T("🏖 Is away …"))
    back = Button(T("👋 Is back"), f"b|away|back|{absence.id}") if absence else None
    return ((back, away),) if back else ((away,),)


def _unpairs(pairs: Sequence[Paired]) -> Rows:
    return tuple(
        (Button(T("End the pairing with {name}", name=one.child.called), f"b|pairing|end|{one.id}"),) for one in pairs
    )


def _ends(held: Sequence[Holding]) -> Rows:
    return tuple(
        (Button(T("End: {role}", role=holding.role.label), f"b|people|end|{holding.role_id}"),) for holding in held
    )


FLOW = Flow(
    "person",
    version=1,
    needs=Action.SEE_PEOPLE,
    title=T("Find a person"),
    record=Choosing,
    done=T("Here you are."),
    finish=finish,
    review=False,
    menu=False,
    given="one",
    asks=(Ask("one", T("Person"), T("Who are you looking for? Tap, or type a name."), _people),),
)
