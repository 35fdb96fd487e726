"""Actors, roles and who keeps whom."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event, select, update

from care.access import Action
from care.people import Role
from storage import children, consents, outbox, pairings, people, tables
from storage.database import Database
from tests.storage.district import CHATS, NOW, PHONE, TODAY, District


async def test_an_actor_carries_each_role_with_its_scope(database: Database, district: District) -> None:
    async with database.reading() as tx:
        actors = await people.actors(tx, [*CHATS.values(), 1], TODAY)
    assert actors.keys() == set(CHATS.values())
    by_name = {name: actors[chat] for name, chat in CHATS.items()}
    (grant,) = by_name["teacher_a"].grants
    assert (grant.role, grant.homes, grant.children) == (Role.TEACHER, {district.homes["a"]}, frozenset())
    (grant,) = by_name["volunteer"].grants
    assert (grant.role, grant.homes, grant.children) == (Role.VOLUNTEER, frozenset(), {district.children["a1"]})
    (grant,) = by_name["guardian"].grants
    assert grant.children == {district.children["a2"]}
    assert by_name["newcomer"].grants == ()  # neither vetted nor trained
    assert by_name["coordinator"].roles == {Role.COORDINATOR}
    assert (by_name["lead_a"].name, by_name["lead_a"].language) == ("姓名lead_a", "zh_Hans_CN")


async def test_any_number_of_chats_costs_two_statements(database: Database, district: District) -> None:
    seen: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda _c, _u, sql, *_: seen.append(sql))
    async with database.transaction() as tx:
        if database.is_sqlite:
            raw = (await tx.connection.get_raw_connection()).dbapi_connection
            assert raw
            raw.raw.set_trace_callback(seen.append)
        seen.clear()
        await people.actors(tx, CHATS.values(), TODAY)
        assert len(seen) == 2


async def test_several_roles_are_several_grants_and_homes_of_one_role_come_together(
    database: Database, district: District
) -> None:
    async with database.transaction() as tx:
        person_id = district.people["leader_a"]
        await people.grant_role(tx, person_id, Role.LEADER, district.homes["b"], TODAY)
        again = await people.grant_role(tx, person_id, Role.COORDINATOR, None, TODAY)
        assert await people.grant_role(tx, person_id, Role.COORDINATOR, None, TODAY) == again
        later = await people.grant_role(tx, person_id, Role.TEACHER, district.homes["b"], TODAY + timedelta(days=1))
        actor = await district.actor(tx, "leader_a")
        assert {grant.role: grant.homes for grant in actor.grants} == {
            Role.LEADER: set(district.homes.values()),
            Role.COORDINATOR: set(),
        }
        await people.end_role(tx, later, "x", NOW)
        assert await people.actor(tx, person_id, TODAY + timedelta(days=9)) == actor


async def test_without_consent_or_when_the_child_has_left_a_volunteer_reaches_nobody(
    database: Database, district: District
) -> None:
    async with database.transaction() as tx:
        before = await district.actor(tx, "volunteer")
        assert await consents.live(tx, district.children.values()) == set(district.children.values())
        assert await consents.withdraw(tx, district.children["a1"], "care", NOW) == 1
        (grant,) = (await district.actor(tx, "volunteer")).grants
        assert grant.children == frozenset()
        assert await children.children(tx, before, Action.SEE_CHILD) == []  # not even by an actor loaded before
        teacher = await district.actor(tx, "teacher_a")
        assert len(await children.children(tx, teacher, Action.SEE_CHILD)) == 2
    async with database.transaction() as tx:
        child = {"child_id": district.children["a1"], "purpose": "care", "way": "paper", "text_version": "1"}
        await consents.give(tx, **child, given_on=TODAY)
        assert await consents.live(tx, [district.children["a1"]], "photo") == set()
        assert (await district.actor(tx, "volunteer")).grants[0].children
        await tx.run(update(tables.children).values(status="left"))
        assert not (await district.actor(tx, "volunteer")).grants[0].children
        assert not (await district.actor(tx, "guardian")).grants[0].children


async def test_clearing_makes_a_volunteer_active(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        newcomer = district.people["newcomer"]
        await people.clear(tx, newcomer, vetted_on=TODAY, trained_on=TODAY)
        assert (await district.actor(tx, "newcomer")).grants == ()
        await people.clear(tx, newcomer, conduct_on=TODAY)
        assert (await district.actor(tx, "newcomer")).grants[0].children == {district.children["a1"]}


async def test_an_ended_role_ends_what_hangs_on_it(database: Database, district: District) -> None:
    volunteer = district.people["volunteer"]

    def message(key: str, priority: int = 0, needs: str | None = None) -> outbox.Queued:
        chat = CHATS["volunteer"]
        return outbox.Queued(key, chat, "send", priority, {}, NOW, person_id=volunteer, needs=needs)

    async with database.transaction() as tx:
        await outbox.put(tx, [message("reply"), message("nudge", priority=2), message("news", needs="child.see")])
        assert await people.end_role(tx, district.roles["volunteer"], district.people["coordinator"], NOW)
        assert not await people.end_role(tx, district.roles["volunteer"], "x", NOW)
        assert (await district.actor(tx, "volunteer")).grants == ()
        pairing = await tx.row(select(tables.pairings).where(tables.pairings.c.id == district.pairing))
        assert pairing is not None
        assert (pairing.ended_at, pairing.ended_by) == (NOW, district.people["coordinator"])
        assert [due.key for due in await outbox.due(tx, NOW, 9)] == ["reply"]
        await people.end_role(tx, district.roles["guardian"], "x", NOW)
        await people.grant_role(tx, district.people["guardian"], Role.GUARDIAN, None, TODAY)
        assert not (await district.actor(tx, "guardian")).grants[0].children


async def test_a_chat_belongs_to_one_person(database: Database, district: District) -> None:
    chat, newcomer = CHATS["volunteer"], district.people["newcomer"]
    async with database.transaction() as tx:
        await outbox.put(tx, [outbox.Queued("k", chat, "send", 0, {}, NOW, person_id=district.people["volunteer"])])
        await people.link_chat(tx, newcomer, chat, "en", NOW)
        actors = await people.actors(tx, CHATS.values(), TODAY)
        assert actors[chat].person_id == newcomer
        assert CHATS["newcomer"] not in actors
        assert actors[chat].language == "en"
        assert await outbox.depth(tx) == 0
        alone = await people.actor(tx, district.people["volunteer"], TODAY)
        assert alone is not None
        assert alone.chat_id == 0
        await people.set_language(tx, newcomer, "zh_Hans_CN")
        await people.link_chat(tx, newcomer, CHATS["newcomer"], "en", NOW)
        assert (await district.actor(tx, "newcomer")).language == "zh_Hans_CN"
        assert (await district.actor(tx, "newcomer")).chosen_language
        assert await people.actor(tx, "nobody", TODAY) is None


async def test_who_keeps_a_child_or_a_home(database: Database, district: District) -> None:
    async with database.reading() as tx:
        urgent = (Role.TEACHER, Role.HOME_LEAD, Role.COORDINATOR)
        kept = await people.keepers(tx, urgent, TODAY, children=[district.children["a1"]])
        assert [person.id for person in kept] == [district.people[n] for n in ("teacher_a", "lead_a", "coordinator")]
        assert [person.role for person in kept] == list(urgent)
        assert kept[0].chat_id == CHATS["teacher_a"]
        at_home = await people.keepers(tx, list(Role), TODAY, homes=[district.homes["b"]])
        assert {person.id for person in at_home} == {district.people[n] for n in ("teacher_b", "coordinator")}
        bound = await people.keepers(tx, [Role.GUARDIAN, Role.VOLUNTEER], TODAY, children=district.children.values())
        assert [person.id for person in bound] == [district.people["guardian"], district.people["volunteer"]]
        assert await people.keepers(tx, [Role.TEACHER], TODAY) == []


async def test_holdings_are_the_coordinators_alone(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        await people.unreachable(tx, CHATS["guardian"], NOW)
        for name in CHATS.keys() - {"coordinator"}:
            actor = await district.actor(tx, name)
            assert await people.holdings(tx, actor) == []
            assert await pairings.volunteers(tx, actor) == []
        coordinator = await district.actor(tx, "coordinator")
        held = {holding.person_id: holding for holding in await people.holdings(tx, coordinator)}
        assert held.keys() == set(district.people.values())
        guardian = held[district.people["guardian"]]
        assert (guardian.children, guardian.reachable, guardian.has_chat) == (("a2",), False, True)
        teacher = held[district.people["teacher_a"]]
        assert (teacher.name, teacher.home_name, teacher.since) == ("姓名teacher_a", "学校S-a", TODAY)
        volunteers = await pairings.volunteers(tx, coordinator)
        assert {person.id for person in volunteers} == {district.people["volunteer"], district.people["newcomer"]}


async def test_a_number_is_found_however_it_is_written(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        landline = await people.add_person(tx, name="座机", phone="+865503012345", now=NOW, code="X1")
        for written in (PHONE, f"+86{PHONE}", f"0086 {PHONE}", "138-0000-0007", "１３８０００００００７", f"86{PHONE}"):
            assert len(await people.find_by_phone(tx, written)) == len(CHATS)
        assert [person.id for person in await people.find_by_phone(tx, "0550-3012345")] == [landline]
        assert await people.find_by_phone(tx, "13800000008") == []
        assert await people.find_by_phone(tx, "' OR 1=1 --") == []
        found = await people.person(tx, landline)
        assert found is not None
        assert (found.name, found.phone, found.code, found.reachable) == ("座机", "+865503012345", "X1", False)
        assert await people.person(tx, "nobody") is None


async def test_pairs_are_made_once_ended_and_touched(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        volunteer, child = district.people["volunteer"], district.children["a1"]
        assert await pairings.pair(tx, volunteer, child, today=TODAY) == district.pairing
        earlier, later = TODAY - timedelta(days=3), TODAY - timedelta(days=1)
        await pairings.touch(tx, [(volunteer, child, later), (volunteer, child, earlier), ("x", child, TODAY)])
        of_child = {pairing.person_id: pairing for pairing in await pairings.pairings_of(tx, [child])}
        assert of_child[volunteer].last_contact_on == later
        assert of_child[volunteer].name == "姓名volunteer"
        assert of_child[district.people["newcomer"]].last_contact_on is None
        assert await pairings.unpair(tx, district.pairing, "x", NOW)
        assert not await pairings.unpair(tx, district.pairing, "x", NOW)
        assert await pairings.pair(tx, volunteer, child, today=TODAY) != district.pairing
