"""Records: saved once, read within reach, closed circles closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from care.access import Action
from care.people import Role
from care.records.activity import Activity, ActivityKind
from care.records.base import Record
from care.records.contact_entry import ContactEntry, How, Mood
from care.records.fields import Level, Media, MediaKind
from care.records.talk import Reason, Talk, Topic
from care.refusal import Refusal
from storage import consents, pairings, people, records
from storage.database import Database, Tx
from storage.records import Saved
from tests.storage.district import CHATS, NOW, TODAY, District

SECRET = "他说晚上睡不着，想妈妈。"
SQL = "'); DROP TABLE records; --"


def visit(child: str, **more: Any) -> ContactEntry:
    return ContactEntry(on=TODAY, child=child, how=How.FAMILY_VISIT, mood=Mood.CONTENT, **more)


def talk(*children: str, **more: Any) -> Talk:
    return Talk(on=TODAY, children=children, reason=Reason.ROUTINE, topics=(Topic.FAMILY,), **more)


def activity(home: str, **more: Any) -> Activity:
    return Activity(on=TODAY, home=home, what=ActivityKind.HEALTH, **more)


@pytest.fixture
def write(database: Database, district: District) -> Callable[..., Any]:
    async def written(tx: Tx, body: Record, author: str, home: str = "a", **more: Any) -> Saved:
        one = records.saved(body, home_id=district.homes[home], author_id=district.people[author], now=NOW)
        one = replace(one, **more)
        assert await records.add(tx, [one]) == {one.id}
        return one

    return written


async def test_saving_twice_is_harmless(database: Database, district: District) -> None:
    body = visit(district.children["a1"], note=SQL, concern=Level.WATCH)
    who = {"home_id": district.homes["a"], "author_id": district.people["volunteer"], "now": NOW}
    first, second = (records.saved(body, **who, conversation_id="talking") for _ in range(2))
    async with database.transaction() as tx:
        assert await records.add(tx, [first, second]) == {first.id}
        assert await records.add(tx, [first]) == set()
        assert await records.add(tx, [second]) == set()
        (mine,) = await records.mine(tx, await district.actor(tx, "volunteer"), 9)
    assert mine.body == body
    assert (mine.number, mine.concern, mine.happened_on) == (records.number_of(first.id), "watch", TODAY)
    assert (mine.home_name, mine.author_name, mine.children) == ("学校S-a", "姓名volunteer", (district.children["a1"],))
    assert [child.short_name for child in mine.about] == ["小名a1"]


def test_numbers_are_short_and_hard_to_confuse() -> None:
    numbers = {records.number_of(f"record{n}") for n in range(2000)}
    assert len(numbers) > 1990
    assert all(len(number) == 4 and not set(number) & set("01ILO") for number in numbers)


async def test_t52_records_come_only_from_within_reach(
    database: Database, district: District, write: Callable[..., Any]
) -> None:
    a1, a2, b1 = (district.children[code] for code in ("a1", "a2", "b1"))
    async with database.transaction() as tx:
        of_a1 = await write(tx, visit(a1), "volunteer")
        of_both = await write(tx, activity(district.homes["a"], children=(a1, a2)), "teacher_a")
        of_home = await write(tx, activity(district.homes["a"], head_count=12), "teacher_a")
        of_b1 = await write(tx, talk(b1), "teacher_b", "b")
        of_b = await write(tx, activity(district.homes["b"]), "teacher_b", "b")
        in_a, in_b = {of_a1.id, of_both.id, of_home.id}, {of_b1.id, of_b.id}
        seen = {"teacher_a": in_a, "lead_a": in_a, "leader_a": in_a, "teacher_b": in_b, "coordinator": in_a | in_b}
        for name in CHATS:
            actor = await district.actor(tx, name)
            allowed = seen.get(name, set())
            assert {saved.id for saved in await records.recent(tx, actor, 99)} == allowed
            own = {"volunteer": {of_a1.id}, "teacher_a": in_a - {of_a1.id}, "teacher_b": in_b}.get(name, set())
            assert {saved.id for saved in await records.mine(tx, actor, 99)} == own
            for id in in_a | in_b | {"unknown", SQL}:
                if id in allowed | own:
                    assert (await records.one(tx, actor, id)).id == id
                else:
                    with pytest.raises(Refusal):
                        await records.one(tx, actor, id)
        volunteer = await district.actor(tx, "volunteer")
        assert {saved.id for saved in await records.of_child(tx, volunteer, a1, 9)} == {of_a1.id, of_both.id}
        (with_others,) = (s for s in await records.of_child(tx, volunteer, a1, 9) if s.id == of_both.id)
        assert [child.code for child in with_others.about] == ["a1"]
        for name, child in (("volunteer", a2), ("teacher_a", b1), ("guardian", a2), ("newcomer", a1)):
            with pytest.raises(Refusal):
                await records.of_child(tx, await district.actor(tx, name), child, 9)


async def test_the_words_of_a_talk_stay_in_the_circle(
    database: Database, district: District, write: Callable[..., Any]
) -> None:
    photo = Media(kind=MediaKind.PHOTO, file_id="file")
    a1, a2 = district.children["a1"], district.children["a2"]
    words = {"said": SECRET, "agreed": SECRET, "concern_note": SECRET, "place": "操场", "media": (photo,)}
    async with database.transaction() as tx:
        held = await write(tx, talk(a1, a2, concern=Level.URGENT, **words), "teacher_a")
        for name, inside in (("teacher_a", True), ("lead_a", True), ("leader_a", False), ("coordinator", False)):
            actor = await district.actor(tx, name)
            for found in (
                await records.one(tx, actor, held.id),
                (await records.recent(tx, actor, 9))[0],
                (await records.of_child(tx, actor, a1, 9))[0],
            ):
                assert found.closed is not inside
                assert (SECRET in repr(found)) is inside
                assert isinstance(found.body, Talk)
                assert found.body.topics == (Topic.FAMILY,)
                assert found.body.children == (a1, a2)
                assert bool(found.body.place or found.body.media) is inside
                assert found.concern == "urgent"
        volunteer = await district.actor(tx, "volunteer")
        assert await records.of_child(tx, volunteer, a1, 9) == []


async def test_who_lost_the_child_lost_the_records(
    database: Database, district: District, write: Callable[..., Any]
) -> None:
    async with database.transaction() as tx:
        saved = await write(tx, visit(district.children["a1"]), "volunteer")
        await pairings.unpair(tx, district.pairing, "x", NOW)
        volunteer = await district.actor(tx, "volunteer")
        assert await records.mine(tx, volunteer, 9) == []
        with pytest.raises(Refusal):
            await records.one(tx, volunteer, saved.id)
        await pairings.pair(tx, district.people["volunteer"], district.children["a1"], today=TODAY)
        volunteer = await district.actor(tx, "volunteer")
        assert len(await records.mine(tx, volunteer, 9)) == 1
        await consents.withdraw(tx, district.children["a1"], "care", NOW)
        assert await records.mine(tx, volunteer, 9) == []


async def test_a_correction_takes_the_place_of_what_it_corrects(
    database: Database, district: District, write: Callable[..., Any]
) -> None:
    async with database.transaction() as tx:
        first = await write(tx, visit(district.children["a1"]), "volunteer")
        second = await write(tx, visit(district.children["a1"], note="改"), "volunteer", supersedes=first.id, version=2)
        actor = await district.actor(tx, "teacher_a")
        assert [saved.id for saved in await records.recent(tx, actor, 9)] == [second.id]
        assert (await records.one(tx, actor, first.id)).status == "superseded"
        assert (await records.one(tx, actor, second.id)).version == 2


async def test_lists_are_newest_first_and_go_on_where_they_stopped(
    database: Database, district: District, write: Callable[..., Any]
) -> None:
    async with database.transaction() as tx:
        ids = [
            (await write(tx, visit(district.children["a1"]), "volunteer", created_at=NOW + timedelta(minutes=n))).id
            for n in range(5)
        ][::-1]
        for list_ in (records.mine, records.recent):
            actor = await district.actor(tx, "volunteer" if list_ is records.mine else "coordinator")
            page = await list_(tx, actor, 2)
            assert [saved.id for saved in page] == ids[:2]
            assert [saved.id for saved in await list_(tx, actor, 9, page[-1].created_at)] == ids[2:]


async def test_a_role_that_may_not_log_sees_nothing_of_its_own(
    database: Database, district: District, write: Callable[..., Any]
) -> None:
    async with database.transaction() as tx:
        await write(tx, visit(district.children["a1"]), "volunteer")
        await people.end_role(tx, district.roles["volunteer"], "x", NOW)
        await people.grant_role(tx, district.people["volunteer"], Role.GUARDIAN, None, date(2026, 1, 1))
        actor = await district.actor(tx, "volunteer")
        assert actor.roles == {Role.GUARDIAN}
        assert Action.SEE_OWN_RECORDS.value
        assert await records.mine(tx, actor, 9) == []
