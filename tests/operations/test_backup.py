"""Copies of a district: taken while it is written to, put back without saying anything twice."""

from __future__ import annotations

import asyncio
import base64
import shutil
import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot import backup
from bot.app import open_store
from bot.backup import Refused
from bot.engine.message import Message, Priority, queued
from bot.gateway import GROUP_LINE
from bot.settings import Settings
from storage import copies, health, outbox, ticks
from storage.database import Database, open_database
from storage.hold import DistrictBusy
from storage.migrations import SchemaTooNew
from storage.outbox import Queued
from storage.soundness import Unsound
from storage.vault import BadKey, Vault, new_key
from tests.operations.conftest import Command
from tests.operations.damage import damage, died_with_an_open_log, execute, rows, whole
from tests.stage import KEY, NOON, Stage, settings, stage

MOTHER = 730001
FOREIGN = base64.b64encode(Vault(new_key()).seal("x", "settings.value:sealing-key")).decode()


@pytest.fixture
def district_copy(district_file: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(district_file, tmp_path / "district.db"))


def options(file: Path) -> Settings:
    return settings(f"sqlite:///{file}", file.parent)


def greeting(number: int, at: datetime = NOON) -> Queued:
    about = Message(MOTHER, text=GROUP_LINE, key=f"greeting:{number}", priority=Priority.NUDGE, not_before=at)
    return queued(about, NOON)


async def put(database: Database, *messages: Queued) -> None:
    async with database.transaction() as tx:
        await outbox.put(tx, messages)


async def test_a_copy_taken_while_the_bot_writes_is_whole_and_holds_what_was_committed_before(
    district_copy: Path,
) -> None:
    database, done, written = open_database(f"sqlite:///{district_copy}", Vault(KEY)), asyncio.Event(), 0

    async def write() -> None:
        nonlocal written
        while not done.is_set():
            await put(database, greeting(written))
            written += 1
            await asyncio.sleep(0)

    writing = asyncio.create_task(write())
    while written < 20:
        await asyncio.sleep(0.001)
    before = written
    await backup.backup(options(district_copy), district_copy.parent / "copy.db", NOON)
    after = written
    done.set()
    await writing
    await database.close()

    copy = district_copy.parent / "copy.db"
    assert whole(copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    [(held,)] = rows(copy, "SELECT count(*) FROM outbox WHERE key LIKE 'greeting:%'")
    assert before <= held <= after + 1
    assert not list(copy.parent.glob("copy.db?*"))


async def test_it_is_named_by_its_moment_and_never_replaces_anything(district_copy: Path) -> None:
    for refused in (False, True):
        try:
            await backup.backup(options(district_copy), None, NOON)
            assert not refused
        except Refused:
            assert refused
    assert [file.name for file in (district_copy.parent / "backups").iterdir()] == ["xinqiao-20261124T040000Z.db"]


async def test_a_restored_district_sends_nothing_again_and_its_cards_still_work(
    district_copy: Path, tmp_path: Path
) -> None:
    """T26: what the copy has yet to send was sent after it was taken."""
    async with stage(f"sqlite:///{district_copy}", tmp_path) as set_up:
        mother, copy = set_up.chat(MOTHER), tmp_path / "yesterday.db"
        await mother.say("/visit")
        before = len(mother.bubbles)
        await put(set_up.database, *(greeting(n, NOON + timedelta(minutes=30)) for n in range(3)))
        await backup.backup(set_up.settings, copy, NOON)
        await set_up.turn(hours=1)
        assert len(mother.bubbles) == before + 3
        heard = mother.everything

        await set_up.down()
        await backup.restore(set_up.settings, copy, set_up.clock.now())
        await set_up.up()
        await set_up.settle()
        await set_up.turn(minutes=40)
        assert mother.everything == heard
        await mother.tap(mother.buttons[0])
        assert mother.everything != heard
        async with set_up.database.reading() as tx:
            stock = await health.look(tx, set_up.clock.now())
        assert (stock.queued, stock.dead) == (0, {})
    assert rows(district_copy, "SELECT DISTINCT state, error FROM outbox WHERE key LIKE 'greeting%'") == [
        ("cancelled", "restored")
    ]


async def test_on_either_engine_an_outbox_put_back_by_other_tools_can_be_silenced(
    database_url: str, tmp_path: Path
) -> None:
    database = open_database(database_url, Vault(KEY))
    await put(database, *(greeting(n) for n in range(3)))
    async with database.transaction() as tx:
        await outbox.claim(tx, [1])
        await ticks.set(tx, "rule", NOON - timedelta(days=1))
    await backup.silence(settings(database_url, tmp_path), NOON)
    async with database.reading() as tx:
        stock = await health.look(tx, NOON)
    await database.close()
    assert (stock.queued, stock.dead, stock.ticks) == (0, {}, {"rule": NOON})


async def test_while_the_bot_runs_nothing_is_restored(district: Stage, tmp_path: Path) -> None:
    await backup.backup(district.settings, tmp_path / "copy.db", NOON)
    with pytest.raises(DistrictBusy):
        await backup.restore(district.settings, tmp_path / "copy.db", NOON)
    await district.chat(MOTHER).say("/help")
    assert district.chat(MOTHER).heard


async def test_what_was_there_is_kept_aside_with_its_log(district_copy: Path) -> None:
    copy = district_copy.parent / "copy.db"
    await backup.backup(options(district_copy), copy, NOON)
    died_with_an_open_log(district_copy)
    await backup.restore(options(district_copy), copy, NOON)
    aside = district_copy.with_name("district.db.before-20261124T040000Z")
    assert rows(aside, "SELECT value FROM settings WHERE name = 'late'") == [("kept",)]
    assert rows(district_copy, "SELECT value FROM settings WHERE name = 'late'") == []
    assert whole(aside)
    async with open_store(options(district_copy)):
        pass


BAD_BACKUPS: dict[str, tuple[Callable[[Path], object], type[Exception]]] = {
    "empty": (lambda file: file.write_bytes(b""), Unsound),
    "no database": (lambda file: file.write_bytes(b"nothing of the kind" * 400), Unsound),
    "damaged": (lambda file: damage(file), Unsound),
    "of another program": (lambda file: execute(file, "DROP TABLE outbox"), Unsound),
    "sealed with another key": (lambda file: execute(file, f"UPDATE settings SET value = '{FOREIGN}'"), BadKey),
    "newer than we are": (lambda file: execute(file, "UPDATE alembic_version SET version_num = 'x'"), SchemaTooNew),
    "missing": (lambda file: file.unlink(), Refused),
}


@pytest.mark.parametrize("fault", BAD_BACKUPS)
async def test_a_bad_backup_is_refused_and_nothing_is_changed(district_copy: Path, fault: str) -> None:
    spoil, refusal = BAD_BACKUPS[fault]
    copy = district_copy.parent / "copy.db"
    async with open_store(options(district_copy)):
        pass
    await backup.backup(options(district_copy), copy, NOON)
    spoil(copy)
    before = district_copy.read_bytes()
    with pytest.raises(refusal):
        await backup.restore(options(district_copy), copy, NOON)
    assert district_copy.read_bytes() == before
    for left_over in ("*.part*", "*.restoring", "*.before-*"):
        assert not list(district_copy.parent.glob(left_over))


@pytest.mark.parametrize("at", ["prepared", "set its log aside", "set aside", "exchanged"])
async def test_a_restore_killed_on_the_way_leaves_a_district_that_is_whole_or_does_not_start(
    district_copy: Path, at: str
) -> None:
    class Killed(BaseException):
        pass

    def step(name: str) -> None:
        if name == at:
            raise Killed

    copy = district_copy.parent / "copy.db"
    await backup.backup(options(district_copy), copy, NOON)
    died_with_an_open_log(district_copy)
    with pytest.raises(Killed):
        await copies.restore(copy, district_copy, Vault(KEY), NOON, step)
    if at == "prepared":
        assert rows(district_copy, "SELECT value FROM settings WHERE name = 'late'") == [("kept",)]
    else:
        with pytest.raises(Unsound, match="restore"):
            async with open_store(options(district_copy)):
                pass
    await backup.restore(options(district_copy), copy, NOON + timedelta(minutes=1))
    assert whole(district_copy)
    async with open_store(options(district_copy)):
        pass


def test_the_operator_hears_what_was_done(district_copy: Path, command: Command) -> None:
    folder, url = district_copy.parent, f"sqlite:///{district_copy}"
    code, told = command("backup", DATABASE_URL=url)
    assert code == 0, told
    made = next((folder / "backups").iterdir())
    assert str(made.name) in told
    code, told = command("restore", str(made), DATABASE_URL=url)
    assert code == 0, told
    assert "before-" in told
    code, told = command("backup", DATABASE_URL="postgresql://bot:hidden@db.example/west?schema=east")
    assert code == 1
    assert "pg_dump --format=custom --schema=east" in told
    assert "hidden" not in told
