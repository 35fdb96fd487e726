"""A fresh database for each test that asks: `database_url` on both engines, `sqlite_url`, `postgresql_url` on one.

The schema is migrated once per run and engine; each test gets a copy. `empty_database_url` gives one without a schema,
`district_url` one with the demo's district, which is furnished once as well.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from tests.cluster import NoPostgres, ensure_cluster, locked

FOLDER = "XINQIAO_TEST_FOLDER"  # how the workers of one run find what they share
ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
MIGRATED, FURNISHED = "migrated", "furnished"  # what is copied
MEMORY, ENOUGH = "/dev/shm", 4 * 2**30
_SESSION = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """The run holds a lock for as long as it lives: see tests/cluster.py."""
    if hasattr(config, "workerinput"):
        return
    _work_in_memory()
    folder = Path(tempfile.mkdtemp(prefix="xinqiao-"))
    os.environ[FOLDER] = str(folder)
    lock = os.open(folder / "session.lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    config.stash[_SESSION] = lock


def _work_in_memory() -> None:
    """A database is copied there in a tenth of the time; elsewhere it works as well. All processes inherit it."""
    try:
        room = os.statvfs(MEMORY)
    except OSError:
        return
    large = room.f_bavail * room.f_frsize >= ENOUGH
    if large and not room.f_flag & os.ST_NOEXEC and os.access(MEMORY, os.W_OK) and "TMPDIR" not in os.environ:
        os.environ["TMPDIR"], tempfile.tempdir = MEMORY, None


def pytest_unconfigure(config: pytest.Config) -> None:
    lock = config.stash.get(_SESSION, None)
    if lock is None:
        return
    folder = Path(os.environ[FOLDER])
    os.close(lock)
    if not (folder / "postgres").exists():  # else its keeper clears up
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """What all workers of this run share."""
    return Path(os.environ[FOLDER])


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A database with the newest schema and no rows."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=ENGINES)
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """A database without a schema, for whom migrates it."""
    url: str = request.getfixturevalue(f"empty_{request.param}_url")
    return url


@pytest.fixture(params=ENGINES)
def district_url(request: pytest.FixtureRequest) -> str:
    """The demo's district, furnished."""
    url: str = request.getfixturevalue(f"{request.param}_district_url")
    return url


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'district.db'}"


@pytest.fixture
async def sqlite_url(run_folder: Path, empty_sqlite_url: str) -> str:
    shutil.copyfile(await _file(run_folder / MIGRATED, None, migrate), _path(empty_sqlite_url))
    return empty_sqlite_url


@pytest.fixture(scope="session")
def district_file(run_folder: Path) -> Path:
    """The demo's district on SQLite."""

    async def furnished() -> Path:
        return await _file(run_folder / FURNISHED, await _file(run_folder / MIGRATED, None, migrate), furnish)

    return asyncio.run(furnished())


@pytest.fixture
def sqlite_district_url(district_file: Path, empty_sqlite_url: str) -> str:
    shutil.copyfile(district_file, _path(empty_sqlite_url))
    return empty_sqlite_url


@pytest.fixture(scope="session")
def postgres(run_folder: Path) -> str:
    """The server's URL. In CI its absence is a failure."""
    try:
        return ensure_cluster(run_folder)
    except NoPostgres as reason:
        if os.environ.get("CI"):
            pytest.fail(f"PostgreSQL did not start: {reason}")
        pytest.skip(f"PostgreSQL did not start: {reason}")


@pytest.fixture
async def empty_postgresql_url(postgres: str) -> AsyncIterator[str]:
    async for url in _created(postgres, "template1"):
        yield url


@pytest.fixture
async def postgresql_url(postgres: str, run_folder: Path) -> AsyncIterator[str]:
    await _template(postgres, run_folder, MIGRATED, "template1", migrate)
    async for url in _created(postgres, MIGRATED):
        yield url


@pytest.fixture
async def postgresql_district_url(postgres: str, run_folder: Path) -> AsyncIterator[str]:
    await _template(postgres, run_folder, MIGRATED, "template1", migrate)
    await _template(postgres, run_folder, FURNISHED, MIGRATED, furnish)
    async for url in _created(postgres, FURNISHED):
        yield url


async def migrate(url: str) -> None:
    from storage import migrations  # late: a broken schema fails its tests, not everyone's

    await migrations.migrate(url)


async def furnish(url: str) -> None:
    from tests import stage  # late, like the above

    await stage.furnish(url)


async def _file(file: Path, origin: Path | None, fill: Callable[[str], Awaitable[None]]) -> Path:
    """Made by the first who needs it: a copy of `origin` that `fill` has filled."""
    with locked(file.with_suffix(".lock")):
        if not file.exists():
            draft = file.with_suffix(".draft")
            draft.unlink(missing_ok=True)  # of an attempt that failed
            if origin:
                shutil.copyfile(origin, draft)
            await fill(f"sqlite:///{draft}")
            draft.rename(file)
    return file


async def _template(server: str, folder: Path, name: str, origin: str, fill: Callable[[str], Awaitable[None]]) -> None:
    """The same on PostgreSQL."""
    with locked(folder / f"{name}.sql.lock"):
        if (folder / f"{name}.ready").exists():
            return
        await _execute(server, f"DROP DATABASE IF EXISTS {name}")  # of an attempt that failed
        await _execute(server, f"CREATE DATABASE {name} TEMPLATE {origin}")
        await fill(_named(server, name))
        (folder / f"{name}.ready").touch()


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")


async def _created(server: str, template: str) -> AsyncIterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    await _execute(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")  # in memory, a fifth less
    yield _named(server, name)
    await _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


ENDING = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7246252 AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
"""Ends the sessions that hold this district. Locks are listed for the whole server, where other tests have theirs."""


def _named(server: str, database: str) -> str:
    return server.replace("@/?", f"@/{database}?")


async def _execute(server: str, statement: str) -> None:
    connection = await asyncpg.connect(_named(server, "postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
