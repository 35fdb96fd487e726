"""Homes and children: never one out of reach."""

from __future__ import annotations

import pytest

from care.access import Action
from care.people import Actor
from care.refusal import Refusal
from storage import children
from storage.database import Database, Tx
from tests.storage.district import CHATS, FULL_NAME, PHONE, District


async def test_t52_nobody_reaches_a_child_out_of_scope(database: Database, district: District) -> None:
    expected = {
        "teacher_a": ["a1", "a2"],
        "teacher_b": ["b1"],
        "lead_a": ["a1", "a2"],
        "leader_a": ["a1", "a2"],
        "coordinator": ["a1", "a2", "b1"],
        "volunteer": ["a1"],
        "newcomer": [],
        "guardian": [],
    }
    async with database.reading() as tx:
        for name, codes in expected.items():
            actor = await district.actor(tx, name)
            assert [child.code for child in await children.children(tx, actor, Action.SEE_CHILD)] == codes
            homes = [home.code for home in await children.homes(tx, actor, Action.SEE_CHILD)]
            assert homes == sorted({f"S-{code[0]}" for code in codes})
            for code, id in district.children.items():
                found = await children.find_code(tx, actor, Action.SEE_CHILD, code.upper())
                assert (found.id if found else None) == (id if code in codes else None)
                assert await page(tx, actor, id) is (code in codes)
                at_home = await children.of_home(tx, actor, Action.SEE_CHILD, district.homes[code[0]])
                assert {child.code for child in at_home} <= set(codes)


async def page(tx: Tx, actor: Actor, id: str) -> bool:
    """Whether the child's page and guardians open; both or neither."""
    try:
        child = await children.child(tx, actor, Action.SEE_CHILD, id)
    except Refusal:
        with pytest.raises(Refusal):
            await children.guardians(tx, actor, Action.SEE_CHILD, id)
        return False
    assert child.id == id
    await children.guardians(tx, actor, Action.SEE_CHILD, id)
    return True


async def test_a_list_has_short_names_and_the_page_all(database: Database, district: District) -> None:
    async with database.reading() as tx:
        actor = await district.actor(tx, "teacher_a")
        listed = await children.children(tx, actor, Action.SEE_CHILD)
        assert [(child.short_name, child.full_name, child.details) for child in listed] == [
            ("小名a1", "", None),
            ("小名a2", "", None),
        ]
        whole = await children.child(tx, actor, Action.SEE_CHILD, district.children["a2"])
        assert (whole.full_name, whole.details, whole.home_name) == (FULL_NAME, {"family": "跟奶奶住"}, "学校S-a")
        (guardian,) = await children.guardians(tx, actor, Action.SEE_CHILD, district.children["a2"])
        assert (guardian.relation, guardian.phone, guardian.caregiver, guardian.has_chat) == ("奶奶", PHONE, True, True)
        (home,) = await children.homes(tx, actor, Action.SEE_CHILD)
        assert (home.room, home.details) == ("ready", {"address": "河边路"})


async def test_unknown_and_out_of_reach_are_refused_in_the_same_words(database: Database, district: District) -> None:
    async with database.reading() as tx:
        actor = await district.actor(tx, "teacher_a")
        refusals = []
        for id in (district.children["b1"], "unknown", "' OR 1=1 --", "", "x" * 500):
            with pytest.raises(Refusal) as refused:
                await children.child(tx, actor, Action.SEE_CHILD, id)
            refusals.append((refused.value.says, refused.value.reason))
        assert len({str(refusal) for refusal in refusals}) == 1
        for code in ("%", "' OR '1'='1", "a1\0", "a_", "\udc80"):
            found = await children.find_code(tx, actor, Action.SEE_CHILD, code)
            assert found is None or code == "a1\0"


async def test_an_action_that_a_role_lacks_reaches_nothing(database: Database, district: District) -> None:
    async with database.reading() as tx:
        for name in CHATS:
            actor = await district.actor(tx, name)
            visited = await children.children(tx, actor, Action.LOG_VISIT)
            assert [child.code for child in visited] == (["a1"] if name == "volunteer" else [])
        stranger = Actor("", 1, "en")
        assert await children.children(tx, stranger, Action.SEE_CHILD) == []
        assert await children.homes(tx, stranger, Action.SEE_CHILD) == []
