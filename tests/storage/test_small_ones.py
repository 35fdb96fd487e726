"""Updates, strangers, ticks, audit, settings, the hold on a district."""

from __future__ import annotations

import asyncio
import string
import time
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select, text

from storage import audit, nudges, settings, strangers, tables, ticks, updates
from storage.audit import Entry
from storage.database import Database, open_database
from storage.hold import DistrictBusy, hold_district
from storage.migrations import migrate
from storage.vault import BadKey, Vault, new_id, new_key
from tests.databases import ENDING
from tests.storage.district import NOW

HOUR = timedelta(hours=1)
DIGITS = {*string.ascii_letters, *string.digits, *"-_"}


def test_ids_made_together_stand_together() -> None:
    """Those of a few milliseconds share their beginning, and later ones sort after them."""
    times = []
    for _ in range(9):
        times.append([new_id() for _ in range(50)])
        time.sleep(0.01)
    assert len({id for ids in times for id in ids}) == 450
    assert all(len(id) == 12 and set(id) <= DIGITS for ids in times for id in ids)
    assert all(len({id[:4] for id in ids}) <= 2 for ids in times)
    begins = [ids[0][:4] for ids in times]
    assert sum(before > after for before, after in pairwise(begins)) <= 1  # the time begins anew now and then


async def test_what_is_met_is_settled_without_a_look_at_all_that_was_ever_said(sqlite_url: str) -> None:
    database = open_database(sqlite_url, Vault(new_key()))
    heard: list[str] = []
    async with database.transaction() as tx:
        tx._raw.set_trace_callback(heard.append)
        await nudges.settle(tx, ["contact:1", "contact:2"])
        await nudges.take_back(tx, "absence")
        await nudges.keep(tx, "person", 1)
        tx._raw.set_trace_callback(None)
        asked = [said for said in heard if said.startswith("UPDATE nudges")]
        plans = [[step for *_, step in tx.fetch(f"EXPLAIN QUERY PLAN {said}", ())] for said in asked]
    await database.close()
    assert len(asked) == 3
    steps = [step for plan in plans for step in plan if "nudges" in step]
    assert steps == [
        "SEARCH nudges USING INDEX ix_nudges_owed (owed=?)",
        "SEARCH nudges USING INDEX ix_nudges_absence_id (absence_id=?)",
        "SEARCH nudges USING INDEX ix_nudges_person_id (person_id=?)",
    ]


async def test_an_update_is_new_once(database: Database) -> None:
    async with database.transaction() as tx:
        assert await updates.new_ids(tx, "telegram", [1, 2, 2, 3], NOW) == {1, 2, 3}
        assert await updates.new_ids(tx, "telegram", range(2, 120), NOW) == set(range(4, 120))
        assert await updates.new_ids(tx, "elsewhere", [1], NOW) == {1}
        assert await updates.new_ids(tx, "telegram", [], NOW) == set()


async def test_a_kept_update_is_sealed_counted_and_settled(database: Database) -> None:
    async with database.transaction() as tx:
        await updates.new_ids(tx, "telegram", [2**40], NOW)
        await updates.keep(tx, "telegram", 2**40, b'{"a":1}', "KeyError", NOW)
        await updates.keep(tx, "telegram", 2**40, b'{"a":2}', "E" * 999, NOW + HOUR)
        await updates.keep(tx, "telegram", 8, b"\xff", "ValueError", NOW + HOUR, "unparsable")
        first, second = await updates.kept(tx)
        assert (first.update_id, first.attempts, first.body, first.state) == (2**40, 2, b'{"a":2}', "failed")
        assert (second.state, second.body, second.attempts) == ("unparsable", b"\xff", 1)
        assert await updates.new_ids(tx, "telegram", [8], NOW) == set()
        await updates.settle(tx, "telegram", 8)
        assert [kept.update_id for kept in await updates.kept(tx)] == [2**40]
        assert await updates.forget(tx, NOW + HOUR) == 0
        assert await updates.forget(tx, NOW + 74 * HOUR) == 1
        assert await updates.forget(tx, NOW + timedelta(days=8)) == 1


async def test_a_stranger_is_answered_once_an_hour(database: Database) -> None:
    async with database.transaction() as tx:
        assert await strangers.may_answer(tx, 5, NOW)
        assert not await strangers.may_answer(tx, 5, NOW + HOUR / 2)
        assert await strangers.may_answer(tx, 6, NOW)
        await strangers.remember_language(tx, 5, "zh_Hans_CN")
        assert await strangers.may_answer(tx, 5, NOW + HOUR)
        assert await strangers.language(tx, 5) == "zh_Hans_CN"
        assert await strangers.language(tx, 7) == ""
        assert [await strangers.count_try(tx, 9, NOW) for _ in range(3)] == [1, 2, 3]
        assert await strangers.may_answer(tx, 9, NOW)
        assert await strangers.count_try(tx, 9, NOW + 2 * HOUR) == 1
        assert await strangers.may_answer(tx, 1, NOW + 30 * HOUR)
        left = await tx.row(select(func.count()).select_from(tables.strangers))
        assert left is not None
        assert left[0] == 1


async def test_a_rule_remembers_its_last_tick(database: Database) -> None:
    async with database.transaction() as tx:
        assert await ticks.last(tx, "drafts") is None
        await ticks.set(tx, "drafts", NOW)
        await ticks.set(tx, "drafts", NOW + HOUR)
        assert await ticks.last(tx, "drafts") == NOW + HOUR


async def test_the_audit_takes_whatever_was_typed(database: Database) -> None:
    long = "'); DROP TABLE audit; --\0\udc80" + "啊" * 300
    async with database.transaction() as tx:
        await audit.note(tx, [])
        await audit.note(tx, [Entry(NOW, "p", "child.see", "child", long, "refused", long), Entry(NOW, "p", "start")])
        plain, refused = await audit.latest(tx, 9)
        assert (plain.action, plain.outcome, plain.detail) == ("start", "done", "")
        assert refused.object_id.startswith("'); DROP TABLE audit; --啊")
        assert refused.at == NOW


async def test_a_wrong_key_is_refused_at_the_start(database: Database, vault: Vault) -> None:
    first, second = new_key(), new_key()
    async with database.transaction() as tx:
        await settings.check_key(tx, Vault(first))
        await settings.check_key(tx, Vault(f"{second},{first}"))
        for wrong in (second, f"{first},{second}", f"{first[:4]}{second[4:]}"):
            with pytest.raises(BadKey):
                await settings.check_key(tx, Vault(wrong))


@pytest.mark.parametrize(
    "bad", ["", " , ", "nonsense", "0001:", "0001:AAAA", "01:" + "A" * 43 + "=", "0001:?" + "A" * 43]
)
def test_a_malformed_key_is_refused(bad: str) -> None:
    with pytest.raises(BadKey):
        Vault(bad)


def test_what_is_sealed_opens_in_its_own_place_alone() -> None:
    vault = Vault(new_key())
    sealed = vault.seal("小禾", "people.name:1")
    assert vault.open(sealed, "people.name:1") == "小禾".encode()
    for where in ("people.name:2", "people.phone:1"):
        with pytest.raises(BadKey):
            vault.open(sealed, where)
    with pytest.raises(BadKey):
        vault.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "people.name:1")
    assert vault.seal("小禾", "people.name:1") != sealed


async def test_a_second_process_on_the_district_is_refused(database: Database, database_url: str, vault: Vault) -> None:
    other = open_database(database_url, vault)
    async with await hold_district(database) as hold:
        for _ in range(2):
            with pytest.raises(DistrictBusy):
                await hold_district(other)
        async with other.transaction() as tx:  # invite, load and check run beside it
            await settings.set(tx, "beside", "yes")
    assert not hold.lost.is_set()
    second = await hold_district(other)
    await second.release()
    await second.release()
    await other.close()


async def test_a_lost_session_is_noticed(postgresql_url: str, vault: Vault) -> None:
    database = open_database(postgresql_url, vault)
    hold = await hold_district(database)
    async with database.transaction() as tx:
        await tx.rows(text(ENDING))
    await asyncio.wait_for(hold.lost.wait(), 10)
    second = await hold_district(database)
    await second.release()
    await hold.release()
    await database.close()


async def test_districts_in_schemas_of_one_server_do_not_wait_for_each_other(
    empty_postgresql_url: str, vault: Vault
) -> None:
    east, west = (f"{empty_postgresql_url}&schema={name}" for name in ("east", "west"))
    opened = []
    for url in (east, west):
        await migrate(url)
        opened.append(open_database(url, vault))
    async with (
        await hold_district(opened[0]),
        await hold_district(opened[1]),
        opened[0].transaction() as one,
        asyncio.timeout(10),
        opened[1].transaction() as two,
    ):
        await settings.set(one, "here", "east")
        assert await settings.get(two, "here") is None
    for database in opened:
        await database.close()
