"""Families and others of the demo's district who get a phone for a test."""

from __future__ import annotations

from sqlalchemy import text, update

from care.people import Role
from storage import people, tables
from storage.vault import new_id
from tests.stage import Chat, Stage, words_of

LONG = 10_000.0
"""Minutes: the clock is turned in one go."""
QUARTER = 360.0
"""Minutes: four looks a day, so that what is said twice would show."""


async def gets_a_phone(stage: Stage, code: str, user: int) -> Chat:
    """Somebody of the roster, by their code, from now on has this chat."""
    chat = stage.chat(user)
    await chat.start()
    async with stage.database.transaction() as tx:
        row = await tx.row(text("SELECT id FROM people WHERE code = :code"), {"code": code})
        assert row is not None
        await people.link_chat(tx, row.id, user, "zh_Hans_CN", stage.clock.now())
        await people.set_language(tx, row.id, "zh_Hans_CN")
    return chat


async def guards(stage: Stage, person: str, child: str, *, caregiver: bool = True) -> None:
    """The person with this code becomes a guardian of the child with that one."""
    async with stage.database.transaction() as tx:
        who = await tx.row(text("SELECT id FROM people WHERE code = :code"), {"code": person})
        whom = await tx.row(text("SELECT id FROM children WHERE code = :code"), {"code": child})
        assert who is not None
        assert whom is not None
        row = {"id": new_id(), "person_id": who.id, "child_id": whom.id, "relation": "奶奶", "caregiver": caregiver}
        await tx.run(tables.guardianships.insert(), row)
        await people.grant_role(tx, who.id, Role.GUARDIAN, None, stage.clock.now().date())


async def loses_the_child(stage: Stage, person: str, child: str) -> None:
    """A court has ended it."""
    bond = tables.guardianships
    async with stage.database.transaction() as tx:
        who = await tx.row(text("SELECT id FROM people WHERE code = :code"), {"code": person})
        whom = await tx.row(text("SELECT id FROM children WHERE code = :code"), {"code": child})
        assert who is not None
        assert whom is not None
        theirs = (bond.c.person_id == who.id, bond.c.child_id == whom.id)
        await tx.run(update(bond).where(*theirs).values(ended_at=stage.clock.now()))


async def short_name(stage: Stage, code: str) -> str:
    async with stage.database.reading() as tx:
        row = await tx.row(text("SELECT id, short_name FROM children WHERE code = :code"), {"code": code})
        assert row is not None
        return tx.vault.open(row.short_name, f"children.short_name:{row.id}").decode()


async def check_in(stage: Stage, code: str) -> tuple[str, str | None, bool]:
    """State, answer and whether an adult has closed it: of the child's last check-in."""
    async with stage.database.reading() as tx:
        row = await tx.row(
            text(
                "SELECT state, answer, closed_at FROM check_ins JOIN children ON children.id = child_id "
                "WHERE code = :code ORDER BY day DESC LIMIT 1"
            ),
            {"code": code},
        )
        assert row is not None
        return row.state, row.answer, row.closed_at is not None


async def to_saturday(stage: Stage, hour: int = 10) -> None:
    """From Tuesday noon to that hour of Saturday, 28 November 2026; one minute more, in which it is seen what went
    out. The rules know of Tuesday already."""
    await stage.app.clockwork.tick()
    await stage.turn(days=3, hours=hour + 12, step=LONG)
    await stage.turn(minutes=1)


def news(chat: Chat, since: int) -> str:
    """What the bot said since so many bubbles."""
    return "\n".join(words_of(post) for post in chat.bubbles[since:])


def apart_from_check_ins(chat: Chat) -> int:
    """How many bubbles there are that speak of something else than a family that has not answered."""
    return len([post for post in chat.bubbles if "报平安" not in words_of(post)])
