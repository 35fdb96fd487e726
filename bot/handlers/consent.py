"""The family's consent, from a child's page: a coordinator notes that it was taken back, or given again on paper.

Taken back, it ends at once what rests on it: volunteers see the child no more, the family is asked for no check-ins and
gets no notices. An urgent worry about the child and an emergency still reach those who must know: that is the law's.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine import check_ins as engine
from bot.engine.command import Command
from bot.engine.scene import Scene
from care.access import Action
from care.children import Child
from care.refusal import Refusal
from care.text import T
from storage import check_in_answers, check_ins, children, consents

PAPER = "paper"


async def run(scene: Scene, _: str) -> None:
    scene.say(T("A family’s consent is noted on the child’s page: send /child."))


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case [("end" | "end!" | "again") as verb, id]:
            child = await children.child(scene.tx, scene.actor, Action.NOTE_CONSENT, id)
            await {"end": _ask, "end!": _end, "again": _again}[verb](scene, child)
        case _:
            raise Refusal


async def _ask(scene: Scene, child: Child) -> None:
    scene.edit_tapped(
        T(
            "Has the family of {child} taken its consent back? Love mothers then see the child no more, and the family "
            "gets no check-ins and no notices; only an emergency still reaches it.",
            child=child.called,
        ),
        ((COMMAND.button(T("Yes, taken back"), "end!", child.id),),),
    )


async def _end(scene: Scene, child: Child) -> None:
    await consents.withdraw(scene.tx, child.id, consents.CARE, scene.now)
    scene.note(Action.NOTE_CONSENT, "child", child.id, detail="withdrawn")
    asked = (await check_ins.latest(scene.tx, [child.id])).get(child.id, [])
    ids = [one.id for one in asked if one.silent]
    await check_in_answers.drop(scene.tx, ids)
    await engine.stop(scene, ids)
    scene.edit_tapped(
        T("Noted: the family of {child} has taken its consent back. It holds from now on.", child=child.called),
        ((COMMAND.button(AGAIN, "again", child.id),),),
    )


async def _again(scene: Scene, child: Child) -> None:
    if not await consents.live(scene.tx, [child.id]):
        await consents.give(
            scene.tx,
            child_id=child.id,
            purpose=consents.CARE,
            way=PAPER,
            text_version=PAPER,
            given_on=scene.today,
            given_by=None,
        )
    scene.note(Action.NOTE_CONSENT, "child", child.id, detail="given")
    scene.edit_tapped(T("✅ Noted: the family of {child} has signed, on paper, today.", child=child.called))


AGAIN = T("✍️ The family has signed (again)")
COMMAND = Command("consent", Action.NOTE_CONSENT, run, tapped=tapped, changes_people=True)
