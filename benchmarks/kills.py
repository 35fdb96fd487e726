"""The kill loop of tests/kill.py, as long as one likes, on databases that make a commit last."""

from __future__ import annotations

from benchmarks.postgres import cluster
from tests.kill import Books, endure

DATABASES = {"sqlite": ("sqlite",), "postgresql": ("postgresql",), "both": ("sqlite", "postgresql")}


async def kill(times: int, databases: str, seed: int) -> bool:
    """So many kills on each; prints what came of it. True where nothing was lost and nothing counted twice."""
    found = [await _endure(times, database, seed) for database in DATABASES[databases]]
    return all(books.spotless for books in found)


async def _endure(times: int, database: str, seed: int) -> Books:
    if database == "sqlite":
        return await endure(times, seed)
    async with cluster(lambda _: None) as made:
        await made.execute("CREATE DATABASE ordeal")
        return await endure(times, seed, made.url("ordeal"))
