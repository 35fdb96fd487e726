"""Kills the bot again and again while people write to it, and compares the books afterwards.

The bot runs in a process of its own, on a real database, against the demo's server, which is the ledger: what was
offered, what came back. `Ordeal.run` plays a plan of ends: "random" (kill -9 after a moment), a point of
`tests.mortal` such as "send.after:17", or "term" (SIGTERM, at most ten seconds). `Books` tells what came of it.

    python -m tests.kill --kills 500 --seed 7 --database sqlite:////tmp/ordeal.db
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import cycle, islice, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bot.demo.cast import seed
from bot.demo.places import Phone
from bot.demo.server import serve
from bot.demo.world import World
from care.people import Role
from care.records.contact_entry import ContactEntry, How, Mood
from storage import people, records
from storage.database import Database, open_database
from storage.migrations import migrate
from storage.vault import Vault
from tests.forked import Forked, born
from tests.mortal import NAMED, POINTS
from tests.stage import KEY, TOKEN, keyboard_of, words_of

FIRST = 880_000
COORDINATOR = 730004
PATIENCE = 60.0
FEW = 10
"""So many messages of one chat can be on their way at once."""
BACKLOG = 400
"""So many updates may wait before people stop to look: unbounded, a tap would wait 150 seconds and be gone, as it would
at Telegram."""
ZONE = ZoneInfo("Asia/Shanghai")
_SOUND = {True: "ok", False: "BROKEN", None: "-"}
_NUMBER = re.compile(r"#([0-9A-Z]{4})")


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """In the district, where it is tomorrow already for a third of the day."""
    return now().astimezone(ZONE).date()


@dataclass
class Writer:
    """A love mother with one child.

    `written`: the marks of the visits she has begun to tell. `told`: the conversations that she tapped in. `numbers`:
    those of the records that she heard of. `waits`: for which button, or for a number.
    """

    user: int
    taps: bool
    written: list[str] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    waits: str = ""


@dataclass(frozen=True)
class Books:
    """What was offered and what became of it.

    `doubled` messages went out twice; `in_flight` tells for each kill how many had gone out and were not known to have,
    those of the kills before included. `sound` is
    None where the database has no check of its own.
    """

    offered: int
    seen: int
    marks: dict[int, list[str]]
    stored: dict[int, list[str]]
    unsaid: int
    stuck: int
    kept: int
    doubled: int
    in_flight: tuple[int, ...]
    starts: int
    sound: bool | None

    @property
    def visits(self) -> int:
        return sum(map(len, self.marks.values()))

    @property
    def lost(self) -> int:
        """Updates never seen, and visits not stored as they were told."""
        missing = (Counter(self.marks[who]) - Counter(self.stored[who]) for who in self.marks)
        return self.offered - self.seen + sum(one.total() for one in missing)

    @property
    def twice(self) -> int:
        """Records too many, or with something in them that was not told there."""
        extra = (Counter(self.stored[who]) - Counter(self.marks[who]) for who in self.marks)
        return sum(one.total() for one in extra)

    @property
    def spotless(self) -> bool:
        return self.sound is not False and not (self.lost or self.twice or self.unsaid or self.stuck or self.kept)


async def furnish(url: str, writers: int) -> list[int]:
    """Fill a migrated database with the demo's district and give so many more love mothers a phone."""
    database = open_database(url, Vault(KEY))
    try:
        await seed(database, now())
        async with database.transaction() as tx:
            coordinator = (await people.actors(tx, [COORDINATOR], today()))[COORDINATOR]
            free = [
                one.person_id
                for one in await people.holdings(tx, coordinator)
                if one.role is Role.VOLUNTEER and len(one.children) == 1 and not one.has_chat
            ]
            assert len(free) >= writers, f"only {len(free)} love mothers are free"
            for number, person in enumerate(free[:writers]):
                await people.link_chat(tx, person, FIRST + number, "zh_Hans_CN", now())
                await people.set_language(tx, person, "zh_Hans_CN")
        return [FIRST + number for number in range(writers)]
    finally:
        await database.close()


@dataclass
class Ordeal:
    """`pace` is how many messages a second people send, about. `bot` is the module that runs as one."""

    url: str
    world: World
    api: str
    folder: Path
    writers: list[Writer]
    dice: random.Random
    pace: float = 150.0
    bot: str = "tests.mortal"
    outage: Callable[[], Awaitable[None]] | None = None
    """Takes the database away and brings it back, for the end "outage": in between the bot ends by itself."""
    in_flight: list[int] = field(default_factory=list)
    starts: int = 0
    over: bool = False

    async def run(self, plan: Sequence[str]) -> Books:
        writing = [asyncio.create_task(self._write(writer)) for writer in self.writers]
        try:
            for end in plan:
                await self._live_until(end)
            self.over = True
            bot = await self._start("")
            with suppress(TimeoutError):  # whoever still waits for an answer has lost something: the books will tell
                async with asyncio.timeout(PATIENCE):
                    await asyncio.gather(*writing)
                    await self._settled()
            await self._terminate(bot)
        finally:
            for task in writing:
                task.cancel()
        return await self._books()

    # --- the bot

    async def _live_until(self, end: str) -> None:
        if end == "outage":
            await self._outlive()
            return
        bot = await self._start(end if end.partition(".")[0] in POINTS else "")
        if end == "term":
            await asyncio.sleep(self.dice.uniform(0.0, 0.2))
            await self._terminate(bot)
            return
        if end == "random":
            await asyncio.sleep(self.dice.uniform(0.0, 0.3))
            bot.send_signal(signal.SIGKILL)
        try:
            code = await asyncio.wait_for(bot.wait(), PATIENCE)
        except TimeoutError:
            bot.kill()
            raise AssertionError(
                f"{end} was not reached after {len(self.in_flight)} kills, {len(self.world.updates)} updates waiting\n"
                f"{self._who_waits()}\n{self.log()[-2000:]}"
            ) from None
        assert code == -signal.SIGKILL, f"the bot ended by itself: {code}\n{self.log()[-2000:]}"
        self.in_flight.append(await self._unwritten())

    async def _outlive(self) -> None:
        """The database goes away under load. The bot acknowledges nothing more and ends, for its supervisor to start it
        again."""
        assert self.outage
        bot = await self._start("")
        await asyncio.sleep(self.dice.uniform(0.3, 0.6))
        back = asyncio.create_task(self.outage())
        code = await asyncio.wait_for(bot.wait(), PATIENCE)
        assert code not in (0, -signal.SIGKILL), f"without its database the bot ended with {code}"
        await back
        self.in_flight.append(await self._unwritten())

    async def _start(self, die_at: str) -> Forked:
        """A process that polls."""
        settings = {
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": self.api,
            "DATABASE_URL": self.url,
            "DATA_DIR": str(self.folder),
            "SEAL_KEY": KEY,
            "PACE": "0",
            "HEALTH_PORT": "0",
            **({"DIE_AT": die_at} if die_at else {}),
        }
        seen = len(self.world.ledger)
        bot = born(self.bot, "bot", env=settings, log=self.folder / "bot.log")
        self.starts += 1
        async with asyncio.timeout(PATIENCE):
            while bot.returncode is None and not self._polled(seen):
                await asyncio.sleep(0.005)
        return bot

    def log(self) -> str:
        """What all the bots wrote."""
        return (self.folder / "bot.log").read_text("utf-8")

    def _polled(self, since: int) -> bool:
        return any(entry.name == "getUpdates" for entry in islice(self.world.ledger, since, None))

    async def _terminate(self, bot: Forked) -> None:
        """As a supervisor does: ten seconds, and then no mercy."""
        bot.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(bot.wait(), 10)
        assert code == 0, f"SIGTERM ended the bot with {code}"

    # --- the people

    async def _write(self, writer: Writer) -> None:
        dice = random.Random(writer.user)
        while not self.over or not writer.written:
            mark = f"第{len(writer.written)}回，{writer.user}写的"
            writer.written.append(mark)
            await (self._tell_by_taps if writer.taps else self._tell_by_words)(writer, mark, dice)

    async def _tell_by_words(self, writer: Writer, mark: str, dice: random.Random) -> None:
        for words in ("/visit", "家访", "开心", mark, "保存"):
            self.world.say(writer.user, words)
            await self._pause(dice)

    async def _tell_by_taps(self, writer: Writer, mark: str, dice: random.Random) -> None:
        """Waits for each answer, as a person does; a card that came twice is known by what its buttons carry."""
        self.world.say(writer.user, "/visit")
        data = await self._tap(writer, "|how|=family_visit", but=writer.told)
        visit = data.split("|")[1]
        writer.told.add(visit)
        await self._tap(writer, f"{visit}|mood|=cheerful")
        self.world.say(writer.user, mark)
        await self._tap(writer, f"{visit}|.|save", beside=mark)
        writer.waits = "a number"
        while len(writer.numbers) < len(writer.written):
            writer.numbers |= {one for post in self._screen(writer.user) for one in _NUMBER.findall(words_of(post))}
            await asyncio.sleep(0.005)
        await self._pause(dice)

    async def _tap(self, writer: Writer, token: str, *, beside: str = "", but: Collection[str] = ()) -> str:
        writer.waits = token
        while True:
            for post in self._screen(writer.user):
                for data in _carried(post):
                    if token in data and beside in words_of(post) and data.split("|")[1] not in but:
                        self.world.tap(writer.user, post.message_id, data)
                        return data
            await asyncio.sleep(0.005)

    def _who_waits(self) -> str:
        """What those who tap wait for, and what stands on their screens."""
        return "\n".join(
            f"{one.user}, visit {len(one.written)}, waits for {one.waits}:\n"
            + "\n".join(f"  {words_of(post)[:60]!r} {_carried(post)[:3]}" for post in self._screen(one.user)[:5])
            for one in self.writers
            if one.taps
        )

    def _screen(self, user: int) -> list[Any]:
        """What the bot said last, the newest first."""
        return [post for post in islice(reversed(self.world.chats[user].posts.values()), 12) if post.by_bot]

    async def _pause(self, dice: random.Random) -> None:
        await asyncio.sleep(dice.expovariate(self.pace / len(self.writers)))
        while len(self.world.updates) > BACKLOG:
            await asyncio.sleep(0.02)

    # --- the books

    async def _settled(self) -> None:
        """Nothing is offered any more, and nothing is left to say."""
        while len(self.world.updates) or await self._count("SELECT count(*) FROM outbox WHERE state = 'queued'"):
            await asyncio.sleep(0.1)

    async def _unwritten(self) -> int:
        """Messages that have gone out and are not known to have."""
        return self._sent() - await self._count("SELECT count(*) FROM outbox WHERE verb = 'send' AND state = 'sent'")

    def _sent(self) -> int:
        return sum(entry.name == "sendMessage" and entry.outcome == "ok" for entry in self.world.ledger)

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Database]:
        database = open_database(self.url, Vault(KEY))
        try:
            yield database
        finally:
            await database.close()

    async def _count(self, statement: str) -> int:
        async with self._open() as database, database.reading() as tx:
            return int((await tx.rows(text(statement)))[0][0])

    async def _books(self) -> Books:
        async with self._open() as database, database.reading() as tx:
            known = await people.actors(tx, [writer.user for writer in self.writers], today())
            entries = {user: (await records.mine(tx, known[user], 100_000))[::-1] for user in known}
        heard = {user: self._heard(user) for user in known}
        fresh = {user: [one for one in entries[user] if one.conversation_id] for user in known}
        offered = {entry.update_id for entry in self.world.ledger if entry.kind == "update" and entry.update_id}
        return Books(
            offered=len(offered),
            seen=await self._count("SELECT count(*) FROM updates"),
            marks={writer.user: writer.written for writer in self.writers},
            stored={user: [_mark(one.body) for one in fresh[user]] for user in known},
            unsaid=sum(f"#{one.number}" not in heard[user] for user in known for one in fresh[user]),
            stuck=await self._count("SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'cancelled', 'expired')"),
            kept=await self._count("SELECT count(*) FROM updates WHERE state <> 'done'"),
            doubled=await self._unwritten(),
            in_flight=tuple(self.in_flight),
            starts=self.starts,
            sound=await self._sound(),
        )

    def _heard(self, user: int) -> str:
        return "\n".join(words_of(post) for post in self.world.chats[user].posts.values() if post.by_bot)

    async def _sound(self) -> bool | None:
        if not self.url.startswith("sqlite"):
            return None
        async with self._open() as database, database.reading() as tx:
            return [tuple(row) for row in await tx.rows(text("PRAGMA integrity_check"))] == [("ok",)]


def _mark(body: Any) -> str:
    """The note, where the entry is as it was told; else what went wrong with it."""
    if isinstance(body, ContactEntry) and (body.how, body.mood) == (How.FAMILY_VISIT, Mood.CHEERFUL):
        return body.note or ""
    return repr(body)


def _carried(post: Any) -> list[str]:
    return [str(key.get("callback_data", "")) for row in keyboard_of(post) for key in row]


@asynccontextmanager
async def ordeal(url: str, folder: Path, *, seed: int, writers: int = 8) -> AsyncIterator[Ordeal]:
    """`url`: a migrated, empty database. Every fourth writer taps; the others type."""
    users = await furnish(url, writers)
    phones = [Phone(user, f"Mother {user}", "volunteer") for user in users]
    world = World(TOKEN, "Xinqiao", "xinqiao_test_bot", now, phones=phones)
    world.updates.repeat_hold = world.updates.repeat_window = 0
    async with serve(world) as api:
        people_ = [Writer(user, taps=number % 4 == 3) for number, user in enumerate(users)]
        yield Ordeal(url, world, api, folder, people_, random.Random(seed))


def plan(kills: int, dice: random.Random, *, since: int = 0) -> list[str]:
    """Two of three at the named points, which take turns from number `since` on; each third at a random moment."""
    named = islice(cycle(NAMED), since, None)
    return ["random" if kill % 3 == 2 else f"{next(named)}:{dice.randint(1, 12)}" for kill in range(kills)]


async def endure(kills: int, seed: int, url: str = "") -> Books:
    """A whole run, on an empty database or an SQLite file of the moment; prints a line of what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        url = url or f"sqlite:///{folder}/ordeal.db"
        await migrate(url)
        begun = time.monotonic()
        async with ordeal(url, Path(folder), seed=seed) as set_up:
            books = await set_up.run(plan(kills, random.Random(seed)))
    print(f"{url.partition(':')[0]}, seed {seed}, {time.monotonic() - begun:.0f} s: {told(books)}", flush=True)
    return books


def told(books: Books) -> str:
    fresh = [later - before for before, later in pairwise((0, *books.in_flight))]
    return (
        f"{len(books.in_flight)} kills, {books.offered} updates, {books.visits} visits: "
        f"lost {books.lost}, twice {books.twice}, unsaid {books.unsaid}, stuck {books.stuck}, kept {books.kept}, "
        f"doubled messages {books.doubled} (at most {max(fresh, default=0)} by one kill), "
        f"integrity {_SOUND[books.sound]}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="", help="an empty database; without it, an SQLite file of the moment")
    wanted = parser.parse_args()
    return int(not asyncio.run(endure(wanted.kills, wanted.seed, wanted.database)).spotless)


if __name__ == "__main__":
    sys.exit(main())
