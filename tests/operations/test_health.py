"""/healthz and /metrics of a bot at work, and what counts as well."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.app import open_app, open_store
from bot.engine.message import Message, queued
from bot.gateway import GROUP_LINE
from bot.health import DUE_LIMIT, POLL_LIMIT, Health, State, report, serve_health
from storage import outbox
from tests.stage import NOON, Stage

MOTHER = 730001


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(trust_env=False) as session:
        yield session


def figures(text: str) -> dict[str, float]:
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


async def test_a_bot_at_work_is_well_and_tells_its_figures(any_district: Stage, client: aiohttp.ClientSession) -> None:
    app = any_district.app
    any_district.world.raw({"message": {"no": "message"}})
    await any_district.chat(MOTHER).say("/help")
    await any_district.turn(minutes=30)
    async with serve_health(Health(app, any_district.clock.now), 0) as url:
        async with client.get(f"{url}/healthz") as response:
            status, body = response.status, await response.json()
        async with client.get(f"{url}/metrics") as response:
            assert response.content_type == "text/plain"
            told = await response.text()
        async with client.get(f"{url}/") as response:
            assert response.status == 404
    assert (status, body["well"], body["reasons"]) == (200, True, [])
    assert body["bot"] == "xinqiao_test_bot"
    assert body["database"].split()[0] == ("sqlite" if app.database.is_sqlite else "postgresql")
    assert re.search(r"\d+\.\d+", body["database"])
    seen = figures(told)
    assert seen["xinqiao_updates_total"] == 2
    assert seen['xinqiao_sends_total{outcome="sent"}'] >= 1
    assert seen['xinqiao_updates_kept{state="unparsable"}'] == 1
    assert seen['xinqiao_tick_late_seconds{rule="housekeeping"}'] == 0
    assert seen["xinqiao_outbox_queued"] == seen["xinqiao_outbox_due_age_seconds"] == 0
    assert seen["xinqiao_database_up"] == 1
    assert 0 <= seen["xinqiao_poll_age_seconds"] < POLL_LIMIT
    assert not re.search(r"[\u4e00-\u9fff]", told + str(body))


async def test_a_message_that_has_long_been_due_is_an_ill(district: Stage) -> None:
    await district.down()
    overdue = Message(MOTHER, text=GROUP_LINE, key="overdue")
    async with (
        open_store(district.settings) as database,
        open_app(district.settings, database, district.clock.now) as app,  # which does not run
    ):
        async with database.transaction() as tx:
            await outbox.put(tx, [queued(overdue, NOON)])
        health = Health(app, district.clock.now)
        for minutes, well in ((10, True), (20, False)):
            district.clock.forward(NOON + timedelta(minutes=minutes))
            status, body = report(await health.look())
            assert (status == 200) is well
            assert bool(body["reasons"]) is not well
    await district.up()


@pytest.fixture
async def well(district: Stage) -> State:
    return await Health(district.app, district.clock.now).look()


ILLS: dict[str, dict[str, Any]] = {
    "no good poll": {"poll_age": POLL_LIMIT + 1},
    "database": {"stock": None},
    "due": {"due_age": DUE_LIMIT + 1},
}


@pytest.mark.parametrize("word", ILLS)
def test_each_ill_is_named(well: State, word: str) -> None:
    assert report(well)[0] == 200
    status, body = report(replace(well, **ILLS[word]))
    assert status == 503
    assert isinstance(body["reasons"], list)
    assert len(body["reasons"]) == 1
    assert word in body["reasons"][0]


def test_a_late_rule_and_a_sqlite_with_the_wal_reset_bug_are_warned_of(well: State) -> None:
    quiet = replace(well, version="3.51.3", tick_late={"housekeeping": 0.0})
    assert not quiet.warnings
    assert any("3.40.1" in one for one in replace(quiet, version="3.40.1").warnings)
    assert not replace(quiet, engine="postgresql", version="3.40.1").warnings
    assert any("housekeeping" in one for one in replace(quiet, tick_late={"housekeeping": 9000.0}).warnings)
