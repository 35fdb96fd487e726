"""A PostgreSQL for the bench: the wheel's server as tests start it, but with everything on that makes a commit last."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from tests.cluster import Server

LASTING = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "listen_addresses=", "max_connections=50")
_TEMPLATE = "xinqiao_bench"


class Cluster:
    """A server with a furnished district, of which each run gets a copy."""

    def __init__(self, home: Path) -> None:
        self._home = home

    async def copy(self, folder: Path) -> str:
        name = f"run_{uuid.uuid4().hex[:12]}"
        await self.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        (folder / "database").write_text(name)
        return self.url(name)

    async def records(self, folder: Path) -> int:
        name = (folder / "database").read_text()
        connection = await asyncpg.connect(self.url(name))
        try:
            return int(await connection.fetchval("SELECT count(*) FROM records"))
        finally:
            await connection.close()
            await self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self._home}"

    async def names(self) -> set[str]:
        """Of its databases."""
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            return {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
        finally:
            await connection.close()

    async def execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@asynccontextmanager
async def cluster(furnish: Callable[[str], None]) -> AsyncIterator[Cluster]:
    """In a temporary folder, since PostgreSQL refuses to run as root and must be able to get there as somebody else."""
    folder = Path(tempfile.mkdtemp(prefix="xinqiao-bench-"))
    server = Server(folder)
    try:
        server.start(LASTING)
        made = Cluster(server.home)
        await made.execute(f"CREATE DATABASE {_TEMPLATE}")
        furnish(made.url(_TEMPLATE))
        yield made
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
