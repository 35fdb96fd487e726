"""T25: a district that is damaged or lacks something is not opened, and the operator reads why."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import backup
from bot.app import open_store
from storage import soundness
from storage.soundness import Unsound, has_wal_reset_bug
from tests.operations.conftest import Command
from tests.operations.damage import damage, rows
from tests.operations.process import ROOT
from tests.stage import NOON, settings

_KILLED = """
import asyncio, os, pathlib, sys
from bot.app import open_store
from storage import settings, soundness
from tests.stage import settings as options

async def work(file):
    async with open_store(options(f"sqlite:///{file}", file.parent)) as database:
        await soundness.note(database)
        async with database.transaction() as tx:
            await settings.set(tx, "late", "kept")
        os.kill(os.getpid(), 9)

asyncio.run(work(pathlib.Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def killed(district_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bot that was killed at work: a database, its log and its mark."""
    folder = tmp_path_factory.mktemp("killed")
    file = shutil.copy(district_file, folder / "district.db")
    done = subprocess.run([sys.executable, "-c", _KILLED, str(file)], cwd=ROOT, check=False, timeout=30)
    assert done.returncode == -9
    return folder


@pytest.fixture
def file(killed: Path, tmp_path: Path) -> Path:
    shutil.copytree(killed, tmp_path, dirs_exist_ok=True)
    return tmp_path / "district.db"


async def start(file: Path) -> None:
    async with open_store(settings(f"sqlite:///{file}", file.parent)) as database:
        await soundness.note(database)


def log(file: Path) -> Path:
    return file.with_name("district.db-wal")


async def test_after_a_kill_it_starts_with_all_that_was_committed(file: Path) -> None:
    await start(file)
    assert rows(file, "SELECT value FROM settings WHERE name = 'late'") == [("kept",)]


async def test_without_its_log_it_does_not_start_until_the_log_is_back(file: Path) -> None:
    aside = log(file).rename(file.with_name("aside"))
    with pytest.raises(Unsound, match=r"district\.db-wal"):
        await start(file)
    assert not log(file).exists() or not log(file).stat().st_size
    aside.rename(log(file))
    await start(file)
    assert rows(file, "SELECT value FROM settings WHERE name = 'late'") == [("kept",)]


async def test_an_old_copy_in_its_place_is_noticed(file: Path, district_file: Path) -> None:
    log(file).unlink()
    shutil.copy(district_file, file)
    with pytest.raises(Unsound, match="old copy"):
        await start(file)


async def test_another_program_may_have_opened_it_after_a_kill(file: Path) -> None:
    assert rows(file, "SELECT value FROM settings WHERE name = 'late'")  # folds the log away
    assert not log(file).exists()
    await start(file)


def nothing_left(file: Path) -> None:
    log(file).unlink()
    file.write_bytes(b"")


def gone(file: Path) -> None:
    log(file).unlink()
    file.unlink()


def no_database(file: Path) -> None:
    log(file).unlink()
    file.write_bytes(b"nothing of the kind" * 1000)


@pytest.mark.parametrize(
    ("spoil", "why"), [(damage, "damaged"), (nothing_left, "0 bytes"), (gone, "is gone"), (no_database, "damaged")]
)
async def test_damaged_or_emptied_it_is_left_alone_and_a_backup_brings_it_back(
    file: Path, spoil: Callable[[Path], None], why: str
) -> None:
    options, copy = settings(f"sqlite:///{file}", file.parent), file.with_name("copy.db")
    await backup.backup(options, copy, NOON)
    spoil(file)
    before = file.read_bytes() if file.exists() else None
    with pytest.raises(Unsound, match=why):
        await start(file)
    with pytest.raises((Unsound, backup.Refused)):
        await backup.backup(options, file.with_name("another.db"), NOON)
    assert (file.read_bytes() if file.exists() else None) == before
    await backup.restore(options, copy, NOON)
    await start(file)
    assert rows(file, "SELECT value FROM settings WHERE name = 'late'") == [("kept",)]


def test_on_the_command_line_it_is_one_line(file: Path, command: Command) -> None:
    damage(file)
    code, told = command("bot", DATABASE_URL=f"sqlite:///{file}")
    assert code == 1
    assert len(told.strip().splitlines()) == 1
    assert "run.py restore" in told


async def test_a_first_start_that_was_cut_short_is_no_damage(tmp_path: Path) -> None:
    file = tmp_path / "district.db"
    file.touch()
    await start(file)
    await start(file)


AFFECTED = {"3.6.23": False, "3.7.0": True, "3.40.1": True, "3.51.2": True, "3.51.3": False, "3.53.4": False}


@pytest.mark.parametrize("version", AFFECTED)
def test_which_sqlite_has_the_wal_reset_bug(version: str) -> None:
    assert has_wal_reset_bug(version) is AFFECTED[version]
