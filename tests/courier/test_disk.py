"""The disk is full, the file is locked, the power fails: what was acknowledged is there, and the rest waits."""

from __future__ import annotations

import asyncio
import resource
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.engine.pending import Pending
from tests.faults.seen import COORDINATOR, MOTHER, own, sent_twice
from tests.stage import Chat, Stage

_HOLD = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1], isolation_level=None) as other:
    other.execute("BEGIN IMMEDIATE")
    print("held", flush=True)
    sys.stdin.readline()
    other.execute("ROLLBACK")
"""
NOTE = "今天一起去了河边，" * 20


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(15):
        while not condition():
            await asyncio.sleep(0.005)


async def pragma(stage: Stage, what: str) -> int:
    async with stage.database.transaction() as tx:
        return int((await tx.connection.exec_driver_sql(f"PRAGMA {what}")).scalar() or 0)


async def test_t22_a_full_disk_acknowledges_nothing_and_the_service_returns(district: Stage, mother: Chat) -> None:
    before = len(await own(district, mother))
    await mother.say("/visit")
    await mother.say("家访")
    await pragma(district, f"max_page_count = {await pragma(district, 'page_count')}")
    for n in range(8):
        district.world.say(MOTHER, f"{n}{NOTE}")
    await until(lambda: district.app.intake.failures > 1)
    waiting = len(district.world.updates)
    assert waiting > 0
    assert not district._running.done()
    district.world.say(MOTHER, "开心")
    district.world.say(MOTHER, "保存")
    await pragma(district, "max_page_count = 1000000")
    await district.settle()
    assert len(await own(district, mother)) == before + 1
    assert await sent_twice(district) == 0
    note = str((await own(district, mother))[0].body.model_dump()["note"])
    assert all(f"{n}今天" in note for n in range(8))


async def test_t22_what_was_sent_while_the_disk_was_full_is_not_sent_again(
    district: Stage, mother: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    """No file of the process may grow, the log of the database neither. The courier keeps in hand what it could not
    note down."""
    file = district.database.file
    assert file
    log = file.with_name(file.name + "-wal")
    usual, most = resource.getrlimit(resource.RLIMIT_FSIZE)

    async def fill(method: str, _: object) -> None:
        if method == "sendMessage":
            district.world.before.clear()
            resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, most))

    district.world.before.append(fill)
    for word in ("/help", "/language", "/mine"):
        district.world.say(MOTHER, word)
    try:
        await until(lambda: "could not be reached" in caplog.text)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (usual, most))
    await district.settle()
    assert len(mother.bubbles) == 3
    assert await sent_twice(district) == 0


@asynccontextmanager
async def locked(stage: Stage) -> AsyncIterator[None]:
    """Another process writes in the file, and takes its time."""
    file = stage.database.file
    assert file
    pipe = asyncio.subprocess.PIPE
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", _HOLD, str(file), stdin=pipe, stdout=pipe)
    assert other.stdout
    await asyncio.wait_for(other.stdout.readline(), 10)
    try:
        yield
    finally:
        await asyncio.wait_for(other.communicate(b"\n"), 10)


async def test_t23_a_lock_of_another_process_is_waited_for(district: Stage, mother: Chat) -> None:
    await mother.say("/visit")
    async with locked(district):
        district.world.say(MOTHER, "家访")
        await asyncio.sleep(0.3)
        assert len(district.world.updates) == 1
        assert district.app.intake.failures == 0
    await district.settle()
    assert any("|mood|" in data for data in mother.data)


async def test_t23_a_tap_is_answered_while_the_file_is_locked(district: Stage, mother: Chat) -> None:
    """Neither the phone's turning circle nor anybody else waits with it."""
    await mother.say("/visit")
    post, button = mother.find("电话")
    async with locked(district):
        district.world.tap(MOTHER, post.message_id, button["callback_data"])
        await until(lambda: any(entry.name == "answerCallbackQuery" for entry in district.world.ledger))
        assert len(district.world.updates) == 1
    await district.settle()
    assert any("|mood|" in data for data in mother.data)


async def test_t23_a_lock_beyond_all_patience_loses_nothing(district: Stage, mother: Chat) -> None:
    """Ten seconds at a patience of five: here a fifth of one, until it has failed twice."""
    before = len(await own(district, mother))
    await mother.say("/visit")
    await pragma(district, "busy_timeout = 200")
    async with locked(district):
        for word in ("家访", "开心", "保存"):
            district.world.say(MOTHER, word)
        await until(lambda: district.app.intake.failures >= 2)
        assert len(district.world.updates) == 3
    await district.settle()
    assert len(await own(district, mother)) == before + 1
    assert await sent_twice(district) == 0


async def test_t24_after_a_power_failure_everything_committed_is_there(
    district: Stage, mother: Chat, tmp_path: Path
) -> None:
    """Main file and log as they were on the disk at each commit, and with more of what came after, torn anywhere."""
    file = district.database.file
    assert file
    log = file.with_name(file.name + "-wal")
    async with district.database.transaction() as tx:
        await tx.connection.exec_driver_sql("SELECT 1")
    commits: list[tuple[int, set[int]]] = []
    wake = district.app.gateway.committed

    def committed(done: Pending) -> None:
        offered = {entry.update_id or 0 for entry in district.world.ledger if entry.kind == "offer"}
        commits.append((log.stat().st_size, offered))
        wake(done)

    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    base = tmp_path / "base.db"
    shutil.copy(file, base)
    district.app.gateway.committed = committed
    for _ in range(3):
        for word in ("/visit", "家访", "开心", "保存"):
            district.world.say(MOTHER, word)
            district.world.say(COORDINATOR, "/help")
            await district.settle()
    whole = log.read_bytes()
    assert len(commits) >= 12
    for size, offered in commits:
        for torn in (whole[:size], whole[: size + 100], whole[: size + 5000], whole[:size] + bytes(4120)):
            assert offered <= recovered(base, torn, tmp_path / "after.db")


def recovered(base: Path, log: bytes, place: Path) -> set[int]:
    """The updates that a start finds after that."""
    shutil.copy(base, place)
    place.with_name(place.name + "-wal").write_bytes(log)
    place.with_name(place.name + "-shm").unlink(missing_ok=True)
    with closing(sqlite3.connect(place)) as after:
        assert after.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {row[0] for row in after.execute("SELECT update_id FROM updates")}


@pytest.mark.parametrize("chats", [20])
async def test_t33_a_stream_of_updates_keeps_its_order_and_leaves_nothing_behind(district: Stage, chats: int) -> None:
    people = [district.chat(910_000 + n) for n in range(chats)] + [district.chat(MOTHER), district.chat(COORDINATOR)]
    for n in range(20):
        for chat in people:
            district.world.say(chat.user, "/help" if n % 2 else "/language")
    await district.settle()
    for chat in people[-2:]:
        assert len(chat.bubbles) == 20
        words = [bubble.payload["text"] for bubble in chat.bubbles]
        assert words == words[:2] * 10
    assert all(len(chat.bubbles) <= 2 for chat in people[:-2])  # strangers get their one answer
    courier, intake = district.app.courier, district.app.intake
    assert [*courier._errands, *courier._tasks, *courier._results, *courier._over, *courier._held] == []
    assert not intake._answers
    assert len(district.world.updates) == 0
    assert await sent_twice(district) == 0
