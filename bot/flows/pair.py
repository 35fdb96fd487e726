"""/pair: a coordinator pairs a love mother or volunteer with a child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.engine.command import starting
from bot.engine.flow import Ask, Choice, Flow
from bot.engine.message import Message, Priority
from bot.engine.offers import children_for
from bot.engine.scene import Scene
from care.access import Action
from care.invitation import Pairing
from care.text import T, words
from storage import children, pairings, people


async def _volunteers(scene: Scene, _: Mapping[str, Any]) -> Sequence[Choice]:
    return [Choice(person.id, words(person.name)) for person in await pairings.volunteers(scene.tx, scene.actor)]


async def finish(scene: Scene, record: Pairing) -> None:
    child = await children.child(scene.tx, scene.actor, Action.PAIR, record.child)
    person = await people.person(scene.tx, record.volunteer)
    await pairings.pair(scene.tx, record.volunteer, child.id, rhythm_days=record.rhythm_days, today=scene.today)
    scene.note(Action.PAIR, "child", child.id, detail=f"with {record.volunteer}")
    name = words(person.name if person else "")
    scene.say(T("✅ {name} is now there for {child}.", name=name, child=child.called))
    if person and person.chat_id:
        scene.tell(
            Message(
                person.chat_id,
                text=T("You are now paired with {child}. It is good to have you!", child=child.called),
                buttons=((starting(f"child|{child.id}", T("See the child's page")),),),
                person_id=person.id,
                priority=Priority.NUDGE,
                needs=Action.LOG_VISIT,
                protect=True,
            )
        )


FLOW = Flow(
    "pair",
    version=1,
    needs=Action.PAIR,
    title=T("Pair a child"),
    record=Pairing,
    done=T("Paired."),
    finish=finish,
    changes_people=True,
    asks=(
        Ask(
            "volunteer",
            T("Love mother or volunteer"),
            T("Who will be there for the child? Tap, or type a name."),
            _volunteers,
            nobody=T("There is no love mother or volunteer yet. Invite one first."),
        ),
        Ask("child", T("Child"), T("Which child? Tap, or type a name or a code."), children_for(Action.PAIR)),
        Ask(
            "rhythm_days",
            T("Days between contacts"),
            T("How many days may pass between two contacts?"),
            optional=True,
            default=lambda _: 14,
        ),
    ),
)
