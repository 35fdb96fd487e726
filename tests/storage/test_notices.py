"""Notices: who is meant, one statement for all of them, receipts that do not lie."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import event, func, select

from care.notice import LASTS, Audience, Fate, Stage
from care.people import Role
from storage import audience, notices, outbox, people, receipts, tables
from storage.database import Database, Tx
from storage.notices import Notice
from storage.outbox import Due, Result
from storage.vault import new_id
from tests.storage.district import CHATS, NOW, TODAY, District

EVERYBODY = Audience((Role.GUARDIAN, Role.VOLUNTEER, Role.TEACHER, Role.HOME_LEAD, Role.LEADER))
MINUTE = timedelta(minutes=1)
SAID = "台风要来了"


def notice(meant: Audience = EVERYBODY, **more: Any) -> Notice:
    def faces(start: str) -> dict[str, Any]:
        return {
            "zh_Hans_CN": {"text": {"t": f"{start}{SAID}", "r": 1}, "language": "zh_Hans_CN"},
            "en": {"text": {"t": f"{start}a storm", "r": 1}, "language": "en"},
        }

    words = {"zh_Hans_CN": {"t": SAID, "r": 1}}
    return replace(Notice(new_id(), "K7F2", meant, words, faces(""), faces("!"), NOW, NOW), **more)


async def sent_out(tx: Tx, meant: Audience = EVERYBODY, **more: Any) -> Notice:
    new = notice(meant, **more)
    assert await notices.add(tx, new)
    await notices.fan_out(tx, new, TODAY, NOW, not_before=NOW, expires_at=NOW + LASTS)
    return new


async def queued(tx: Tx, now: Any = NOW) -> dict[int, Due]:
    return {due.chat_id: due for due in await outbox.due(tx, now, 99)}


async def settle(tx: Tx, due: Due, state: str = "sent", **more: Any) -> None:
    await outbox.mark(tx, [Result(due.key, state, **more)], NOW)


async def chats_of(tx: Tx, meant: Audience) -> set[str]:
    """The plain names of who gets it."""
    await sent_out(tx, meant)
    found = await queued(tx)
    await tx.run(tables.outbox.delete())
    return {name for name, chat in CHATS.items() if chat in found}


async def test_each_role_and_home_means_whom_it_says(database: Database, district: District) -> None:
    a, b = (district.homes[name] for name in "ab")
    async with database.transaction() as tx:
        assert await chats_of(tx, Audience((Role.TEACHER,))) == {"teacher_a", "teacher_b"}
        assert await chats_of(tx, Audience((Role.TEACHER, Role.LEADER), (a,))) == {"teacher_a", "leader_a"}
        assert await chats_of(tx, Audience((Role.GUARDIAN, Role.VOLUNTEER), (a,))) == {"guardian", "volunteer"}
        assert await chats_of(tx, Audience((Role.GUARDIAN, Role.VOLUNTEER), (b,))) == set()
        # who is not cleared yet has no part in anything
        assert await chats_of(tx, EVERYBODY) == set(CHATS) - {"coordinator", "newcomer"}


async def test_who_is_meant_twice_gets_it_once(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        for role, home in ((Role.HOME_LEAD, district.homes["b"]), (Role.TEACHER, district.homes["b"])):
            await people.grant_role(tx, district.people["teacher_a"], role, home, TODAY)
        new = await sent_out(tx)
        assert (await receipts.tallies(tx, [new.id]))[new.id].total == 6
        assert len(await queued(tx)) == 6


async def test_the_fan_out_is_as_many_statements_for_many_as_for_few(database: Database, district: District) -> None:
    async def statements(crowd: int) -> int:
        ran: list[str] = []

        def listen(*args: Any) -> None:
            ran.append(args[2])

        async with database.transaction() as tx:
            for place in range(crowd):
                person = await people.add_person(tx, name="某人", now=NOW)
                await people.link_chat(tx, person, 1000 * crowd + place, "en", NOW)
                await people.grant_role(tx, person, Role.TEACHER, district.homes["b"], TODAY)
            new = notice()
            await notices.add(tx, new)
            event.listen(database.engine.sync_engine, "before_cursor_execute", listen)
            await notices.fan_out(tx, new, TODAY, NOW, not_before=NOW, expires_at=NOW + LASTS)
            event.remove(database.engine.sync_engine, "before_cursor_execute", listen)
            of_this = select(func.count()).where(tables.outbox.c.key.startswith(f"notice:{new.id}:"))
            assert (await tx.rows(of_this))[0][0] >= crowd
        assert sum("INSERT INTO outbox" in sql for sql in ran) == 1
        return len(ran)

    assert await statements(2) == await statements(60)


async def test_what_is_said_is_the_notices_in_the_language_of_that_moment(
    database: Database, district: District
) -> None:
    async with database.transaction() as tx:
        await sent_out(tx)
        await people.set_language(tx, district.people["teacher_a"], "en")
        due = await queued(tx)
        assert due[CHATS["teacher_a"]].body["text"] == {"t": "a storm", "r": 1}
        assert due[CHATS["teacher_b"]].body["text"] == {"t": SAID, "r": 1}
        bodies = await tx.rows(select(tables.outbox.c.body).distinct())
        assert [row.body for row in bodies] == [b""]
        stored = [cell for row in await tx.rows(select(tables.notices)) for cell in row if isinstance(cell, bytes)]
        assert stored
        assert not any(SAID.encode() in cell for cell in stored)


async def test_receipts_follow_the_outbox(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        await people.unreachable(tx, CHATS["teacher_b"], NOW)
        lonely = await people.add_person(tx, name="没有手机", now=NOW, phone="13900000001")
        await people.grant_role(tx, lonely, Role.TEACHER, district.homes["b"], TODAY)
        counted = await audience.headcount(tx, EVERYBODY, TODAY)
        assert (counted.total, counted.no_chat, counted.unreachable) == (7, 1, 1)
        assert counted.readers == {"zh_Hans_CN": 5}
        new = await sent_out(tx)
        due = await queued(tx)
        await settle(tx, due[CHATS["guardian"]], message_id=5)
        await settle(tx, due[CHATS["lead_a"]], "failed", error="Forbidden: bot was blocked by the user")
        await receipts.refresh(tx, new.id)
        tally = (await receipts.tallies(tx, [new.id]))[new.id]
        assert tally.fates == {Fate.QUEUED: 3, Fate.SENT: 1, Fate.FAILED: 1, Fate.NO_CHAT: 1, Fate.UNREACHABLE: 1}
        assert tally.errors == {"Forbidden: bot was blocked by the user": 1}
        coordinator = await district.actor(tx, "coordinator")
        homes = {home.home_name: home.tally for home in await receipts.by_home(tx, coordinator, new.id)}
        assert homes["学校S-b"].fates == {Fate.NO_CHAT: 1, Fate.UNREACHABLE: 1}
        assert sum(home.total for home in homes.values()) == tally.total
        silent = await receipts.silent(tx, coordinator, new.id, district.homes["b"])
        assert {(one.name, one.phone) for one in silent} >= {("没有手机", "13900000001")}
        teacher = await district.actor(tx, "teacher_a")
        assert await receipts.by_home(tx, teacher, new.id) == []
        assert await receipts.silent(tx, teacher, new.id, district.homes["b"]) == []
        assert await notices.latest(tx, teacher, 9) == []


async def test_acknowledged_twice_is_one_and_strangers_do_not_count(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        new = await sent_out(tx, Audience((Role.GUARDIAN,)))
        mine = district.people["guardian"]
        assert await receipts.acknowledge(tx, new.id, mine, NOW) is True
        assert await receipts.acknowledge(tx, new.id, mine, NOW + MINUTE) is False
        assert await receipts.acknowledge(tx, new.id, district.people["teacher_a"], NOW) is None
        assert (await receipts.tallies(tx, [new.id]))[new.id].acknowledged == 1
        assert await queued(tx) == {}


async def test_asked_again_are_those_who_have_not_acknowledged(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        new = await sent_out(tx, Audience((Role.TEACHER, Role.LEADER)))
        due = await queued(tx)
        await settle(tx, due[CHATS["teacher_a"]])
        await settle(tx, due[CHATS["teacher_b"]])
        await receipts.acknowledge(tx, new.id, district.people["teacher_a"], NOW)
        await receipts.refresh(tx, new.id)
        later = {"not_before": NOW + MINUTE, "expires_at": NOW + LASTS}
        assert await notices.ask_again(tx, new, NOW, **later) == 1
        again = (await queued(tx, NOW + MINUTE))[CHATS["teacher_b"]]
        assert again.key == f"notice:{new.id}:{district.people['teacher_b']}:again:1"
        assert again.body["text"] == {"t": f"!{SAID}", "r": 1}
        assert await notices.ask_again(tx, replace(new, rounds=1), NOW, **later) == 0


async def test_what_was_stopped_but_gone_already_counts_as_sent(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        new = await sent_out(tx, Audience((Role.TEACHER,)))
        due = await queued(tx)
        assert await notices.cancel(tx, new, NOW) == 2
        await settle(tx, due[CHATS["teacher_a"]])
        await receipts.refresh(tx, new.id)
        tally = (await receipts.tallies(tx, [new.id]))[new.id]
        assert tally.fates == {Fate.SENT: 1, Fate.CANCELLED: 1}
        stopped = await notices.one(tx, new.id)
        assert stopped
        assert stopped.stage is Stage.CANCELLED


async def test_who_left_the_audience_is_not_meant_any_more(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        new = await sent_out(tx)
        about = {due.about or "" for due in (await queued(tx)).values()}
        assert await notices.still_meant(tx, about) == about
        await tx.run(tables.guardianships.update().values(ended_at=NOW))
        gone = f"notice:{new.id}:{district.people['guardian']}"
        assert await notices.still_meant(tx, about) == about - {gone}


async def test_what_was_on_its_way_at_a_crash_goes_out_again(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        await sent_out(tx, Audience((Role.GUARDIAN,)))
        (due,) = (await queued(tx)).values()
        await outbox.claim(tx, [due.id])
        assert await outbox.recover(tx) == []
        assert (await queued(tx))[CHATS["guardian"]].body == due.body


async def test_a_topic_is_one_notice_however_often_a_rule_makes_it(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        assert await notices.add(tx, notice(topic="safety:drowning:2026"))
        assert not await notices.add(tx, notice(topic="safety:drowning:2026"))
        assert await notices.add(tx, notice(topic="safety:drowning:2027"))


async def test_nothing_stirs_where_nothing_moves(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        assert not await notices.astir(tx, NOW, NOW)
        waiting = notice(send_at=NOW + MINUTE)
        await notices.add(tx, waiting)
        assert not await notices.astir(tx, NOW, NOW)
        assert await notices.astir(tx, NOW + MINUTE, NOW)
        assert [one.id for one in await notices.due(tx, NOW + MINUTE)] == [waiting.id]
