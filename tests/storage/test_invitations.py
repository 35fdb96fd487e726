"""Invitations: used once, confirmed by a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from care.people import Role
from care.refusal import Refusal
from storage import invitations, people
from storage.database import Database, Tx
from storage.vault import hash_token
from tests.storage.district import CHATS, NOW, TODAY, District

DAYS = timedelta(hours=72)
CHAT = 4_200


async def invite(tx: Tx, token: str, role: Role = Role.TEACHER, **more: Any) -> str:
    given = {"expected_name": "王老师", "now": NOW, "expires_at": NOW + DAYS} | more
    return await invitations.invite(tx, token_hash=hash_token(token), role=role, **given)


async def test_an_invitation_is_used_once_and_confirmed_once(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        id = await invite(tx, "secret", home_id=district.homes["a"], invited_by=district.people["coordinator"])
        found = await invitations.open_invitation(tx, hash_token("secret"), NOW)
        assert found is not None
        assert (found.id, found.expected_name, found.home_name, found.role) == (id, "王老师", "学校S-a", Role.TEACHER)
        with pytest.raises(Refusal):
            await invitations.confirm(tx, id, "c", NOW, TODAY)
        assert await invitations.use(tx, id, CHAT, "<b>Wang & Co", "zh-hans", NOW)
        assert not await invitations.use(tx, id, CHAT + 1, "Li", "en", NOW)
        assert await invitations.open_invitation(tx, hash_token("secret"), NOW) is None
        (waiting,) = await invitations.waiting(tx)
        assert (waiting.used_by_chat, waiting.used_by_name, waiting.used_by_language) == (
            CHAT,
            "<b>Wang & Co",
            "zh-hans",
        )
        assert await people.actors(tx, [CHAT], TODAY) == {}  # nothing before the confirmation
        person_id = await invitations.confirm(tx, id, district.people["coordinator"], NOW, TODAY)
        actor = (await people.actors(tx, [CHAT], TODAY))[CHAT]
        assert (actor.person_id, actor.name, actor.language) == (person_id, "王老师", "zh-hans")
        assert actor.grants[0].homes == {district.homes["a"]}
        with pytest.raises(Refusal):
            await invitations.confirm(tx, id, "c", NOW, TODAY)
        assert not await invitations.refuse(tx, id, "c", NOW)
        assert await invitations.waiting(tx) == []


async def test_expired_unknown_and_used_are_alike(database: Database) -> None:
    async with database.transaction() as tx:
        id = await invite(tx, "secret")
        for token in ("unknown", "' OR 1=1 --", "x" * 5000, "", "\0\udc80"[:1]):
            assert await invitations.open_invitation(tx, hash_token(token), NOW) is None
        assert await invitations.open_invitation(tx, hash_token("secret"), NOW + DAYS) is None
        assert not await invitations.use(tx, id, CHAT, "Wang", "en", NOW + DAYS)
        assert await invitations.expire(tx, NOW) == 0
        assert await invitations.expire(tx, NOW + DAYS) == 1
        expired = await invitations.one(tx, id)
        assert expired is not None
        assert expired.state == "expired"
        assert await invitations.one(tx, "unknown") is None


async def test_a_refused_one_gives_nothing(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        id = await invite(tx, "secret", Role.COORDINATOR)
        await invitations.use(tx, id, CHAT, "Wang", "en", NOW)
        assert await invitations.refuse(tx, id, "c", NOW)
        with pytest.raises(Refusal):
            await invitations.confirm(tx, id, "c", NOW, TODAY)
        assert await people.actors(tx, [CHAT], TODAY) == {}


async def test_a_known_person_gets_another_role(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        id = await invite(tx, "secret", Role.GUARDIAN, child_id=district.children["a1"])
        await invitations.use(tx, id, CHATS["teacher_a"], "Wang", "en", NOW)
        assert await invitations.confirm(tx, id, "c", NOW, TODAY) == district.people["teacher_a"]
        actor = await district.actor(tx, "teacher_a")
        assert {grant.role: grant.children for grant in actor.grants} == {
            Role.TEACHER: frozenset(),
            Role.GUARDIAN: {district.children["a1"]},
        }


async def test_an_invitation_for_somebody_links_their_chat(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        volunteer = district.people["volunteer"]
        id = await invite(tx, "s", Role.VOLUNTEER, person_id=volunteer, child_id=district.children["b1"])
        await invitations.use(tx, id, CHAT, "Wang", "en", NOW)
        assert await invitations.confirm(tx, id, "c", NOW, TODAY) == volunteer
        actor = (await people.actors(tx, [CHAT, CHATS["volunteer"]], TODAY))[CHAT]
        assert actor.grants[0].children == {district.children["a1"], district.children["b1"]}
