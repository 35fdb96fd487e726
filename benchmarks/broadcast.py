"""A notice to thousands at Telegram's limits, and people who chat meanwhile; then memory through 50,000.

The demo's server enforces the limits (30 messages a second, bursts in a chat, retry_after), with each second made so
much shorter on both sides. What was received is read from the server's own ledger.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import run
from benchmarks.district import COORDINATOR, FIRST_FAMILY
from benchmarks.environments import OURS, PTB_LIMITED, bare, command
from benchmarks.peers.wording import NOTICE
from benchmarks.peers_known import OURS_START, peer_script
from benchmarks.phones import FIRST_CHAT, Phone, choose
from benchmarks.postgres import Cluster
from benchmarks.process import Child, cores, running
from benchmarks.trial import Failed, workplace
from bot.demo import limits, places
from bot.demo.rates import Throttle
from bot.demo.server import serve
from bot.demo.world import World

FAMILIES, SCALE = 5_000, 10.0
CHATTERS, THINK = 10, 5.0
"""Volunteers who log visits all the while, and the seconds each thinks before the next tap; these are shortened, too,
so that they take the same share of what is permitted at each scale."""
ALONE = 120.0
"""Seconds of chatting, as short, before the notice goes out."""
MANY, EVERY = 50_000, 5_000
PATIENCE = 20.0
LONGEST = 400.0


@dataclass(frozen=True, slots=True)
class Teller:
    """A bot that can tell many. `prepare` makes what it needs in a folder for so many families, and says where."""

    name: str
    packages: tuple[str, ...]
    start: tuple[str, ...]
    prepare: Callable[[Path, int], Awaitable[str]]
    ask: Callable[[Telegram], Awaitable[None]]
    path: str = ""


class Telegram(World):
    """The demo's world with all these phones in it, which tells when a bubble comes."""

    def __init__(self, families: int, scale: float) -> None:
        super().__init__("1000001:bench", "Bench", "bench_bot", lambda: datetime.now(UTC))
        self.throttle = Throttle(scale) if scale else None
        self.scale = scale or SCALE
        self.updates.repeat_hold = 0.0
        self.told: Counter[int] = Counter()
        self.waiting: dict[int, asyncio.Future[places.Post]] = {}
        volunteers = range(FIRST_CHAT, FIRST_CHAT + CHATTERS)
        for user in (COORDINATOR, *volunteers, *range(FIRST_FAMILY, FIRST_FAMILY + families)):
            self.add_phone(places.Phone(user, f"Person {user}", language_code="en"))
            self.chats[user].opened = True

    def show(self, chat: places.Chat, post: places.Post) -> None:
        super().show(chat, post)
        if not post.by_bot:
            return
        if NOTICE in post.payload.get("text", "") and chat.chat_id >= FIRST_FAMILY:
            self.told[chat.chat_id] += 1
        waits = self.waiting.pop(chat.chat_id, None)
        if waits is not None and not waits.done():
            waits.set_result(post)

    async def reply(self, user: int, act: Callable[[], Any]) -> tuple[float, places.Post]:
        """What the bot says, and how many seconds after this was done; raises TimeoutError."""
        waits = self.waiting[user] = asyncio.get_running_loop().create_future()
        at = perf_counter()
        act()
        post = await asyncio.wait_for(waits, PATIENCE)
        return perf_counter() - at, post

    async def press(self, user: int, part: str) -> None:
        """Taps the newest button that carries this, once there is one."""
        try:
            await until(lambda: self._find(user, part) is not None, PATIENCE)
        except TimeoutError:
            raise Failed(f"nothing to tap carries {part!r}") from None
        self.tap(user, *(self._find(user, part) or (0, "")))

    def _find(self, user: int, part: str) -> tuple[int, str] | None:
        for post in reversed(self.chats[user].posts.values()):
            rows = post.payload.get("reply_markup", {}).get("inline_keyboard", ())
            for button in (button for row in rows for button in row):
                if part in button.get("callback_data", ""):
                    return post.message_id, button["callback_data"]
        return None


async def through_notice(telegram: Telegram) -> None:
    """/notice, as a coordinator uses it."""
    await telegram.reply(COORDINATOR, lambda: telegram.say(COORDINATOR, "/notice"))
    await telegram.reply(COORDINATOR, lambda: telegram.say(COORDINATOR, NOTICE))
    for part in ("|other|skip", "|roles|+guardian", "|roles|ok", "|at|skip", "|save"):
        await telegram.press(COORDINATOR, part)


async def by_command(telegram: Telegram) -> None:
    telegram.say(COORDINATOR, "/broadcast")


# --- the bots


async def _sqlite(folder: Path, families: int) -> str:
    url = f"sqlite:///{folder / 'district.db'}"
    await _furnished(url, families)
    return url


async def _furnished(url: str, families: int) -> None:
    making = (sys.executable, "-m", "benchmarks.district", url, str(CHATTERS), str(families))
    process = await asyncio.create_subprocess_exec(*making, cwd=run.ROOT)
    if await process.wait():
        raise Failed("the district could not be made")


async def _chats(folder: Path, families: int) -> str:
    (folder / "chats.json").write_text(json.dumps(list(range(FIRST_FAMILY, FIRST_FAMILY + families))))
    return str(folder)


SQLITE = Teller("ours, SQLite", OURS, OURS_START, _sqlite, through_notice, run.ROOT)
LIMITER = Teller("a loop over PTB's AIORateLimiter", PTB_LIMITED, peer_script("ptb_limited"), _chats, by_command)


def on_postgres(made: Cluster) -> Teller:
    async def prepare(folder: Path, families: int) -> str:
        name = f"telling_{families}_{folder.name.replace('-', '_').lower()}"
        await made.execute(f"CREATE DATABASE {name}")
        await _furnished(made.url(name), families)
        return made.url(name)

    return Teller("ours, PostgreSQL", OURS, OURS_START, prepare, through_notice, run.ROOT)


@asynccontextmanager
async def _at_work(teller: Teller, telegram: Telegram, scale: float) -> AsyncIterator[Child]:
    bot_core, harness_core = cores()
    async with workplace() as folder:
        place = await teller.prepare(folder, len(telegram.phones) - 1 - CHATTERS)
        os.sched_setaffinity(0, harness_core)
        async with serve(telegram) as address:
            begun = [*command(teller.packages, teller.start), address, place, str(scale)]
            async with running(begun, folder, bare() | {"PYTHONPATH": teller.path}, bot_core) as child:
                gc.collect()
                gc.freeze()  # so that no pause of the server's own brings the bot's even calls together
                gc.disable()
                try:
                    await until(lambda: telegram.updates.waiting > 0, PATIENCE)
                    yield child
                except TimeoutError:
                    raise Failed(f"{teller.name} does not answer:\n{child.log.read_text()[-2000:]}") from None
                finally:
                    gc.enable()
                    gc.unfreeze()


async def until(true: Callable[[], bool], patience: float, step: float = 0.01) -> None:
    """Looks again and again; raises TimeoutError."""
    async with asyncio.timeout(patience):
        while not true():  # noqa: ASYNC110 what is looked at belongs to the demo
            await asyncio.sleep(step)


# --- the notice, and those who chat


@dataclass
class Talk:
    """Visits, logged one after the other, with the seconds that each reply took; `lost` are those that never came."""

    telegram: Telegram
    late: list[float] = field(default_factory=list)
    lost: int = 0

    async def go_on(self, user: int) -> None:
        phone = Phone(user)
        while True:
            await asyncio.sleep(THINK / self.telegram.scale)
            try:
                took, post = await self.telegram.reply(user, self._deed(phone))
            except TimeoutError:
                self.lost, phone.step = self.lost + 1, 0
                continue
            self.late.append(took)
            phone.step, phone.post = (phone.step + 1) % 4, post.payload

    def _deed(self, phone: Phone) -> Callable[[], Any]:
        if phone.step == 0:
            return lambda: self.telegram.say(phone.chat_id, "/visit")
        data = choose(phone)
        return lambda: self.telegram.tap(phone.chat_id, phone.post["message_id"], data)

    def since(self, place: int) -> Sequence[float]:
        return sorted(self.late[place:]) or [float("nan")]


@dataclass(frozen=True, slots=True)
class Told:
    """`used`: of the permitted calls in that time, all that counted. Milliseconds to a reply, without and meanwhile.
    `missing` by name, `twice` too. `core`: the share of its core that the bot used."""

    teller: str
    families: int
    seconds: float
    used: float
    refused: int
    missing: Sequence[str]
    twice: Sequence[str]
    replies: int
    lost: int
    alone: tuple[float, float]
    meanwhile: tuple[float, float, float]
    core: float
    resident: float


async def measure_broadcast(teller: Teller, families: int = FAMILIES, scale: float = SCALE) -> Told:
    telegram = Telegram(families, scale)
    async with _at_work(teller, telegram, scale) as child:
        talk = Talk(telegram)
        tasks = [asyncio.create_task(talk.go_on(FIRST_CHAT + number)) for number in range(CHATTERS)]
        try:
            await asyncio.sleep(3.0)
            warm = len(talk.late)
            await asyncio.sleep(ALONE / scale)
            alone = talk.since(warm)
            await teller.ask(telegram)
            await until(lambda: bool(telegram.told), PATIENCE)
            begun, used, at = len(talk.late), child.cpu, perf_counter()
            await _over(telegram, families)
            core, meanwhile = (child.cpu - used) / (perf_counter() - at), talk.since(begun)
        finally:
            for task in tasks:
                task.cancel()
        resident = child.resident
    return _told(teller, telegram, talk, (alone, meanwhile), (core, resident), families, scale)


async def _over(telegram: Telegram, families: int) -> None:
    """Until all were told, or nobody has been for a while."""
    async with asyncio.timeout(LONGEST):
        known, quiet = 0, perf_counter()
        while len(telegram.told) < families and perf_counter() < quiet + PATIENCE:
            await asyncio.sleep(0.02)
            if len(telegram.told) > known:
                known, quiet = len(telegram.told), perf_counter()


def _told(
    teller: Teller,
    telegram: Telegram,
    talk: Talk,
    late: tuple[Sequence[float], Sequence[float]],
    taken: tuple[float, float],
    families: int,
    scale: float,
) -> Told:
    alone, meanwhile = late
    good = [entry for entry in telegram.ledger if entry.kind == "call" and entry.outcome == "ok"]
    notices = [
        entry for entry in good if (entry.chat_id or 0) >= FIRST_FAMILY and NOTICE in entry.params.get("text", "")
    ]
    first, last = notices[0].at, notices[-1].at
    counted = [entry for entry in good if entry.name.startswith(("send", "edit")) and first <= entry.at <= last]
    seconds = (last - first).total_seconds()
    received = Counter(entry.chat_id or 0 for entry in notices)
    everybody = range(FIRST_FAMILY, FIRST_FAMILY + families)
    return Told(
        teller.name,
        families,
        seconds,
        len(counted) / (seconds * limits.MESSAGES_A_SECOND * scale),
        telegram.throttle.refused if telegram.throttle else 0,
        [telegram.phones[user].name for user in everybody if not received[user]],
        [telegram.phones[user].name for user in everybody if received[user] > 1],
        len(meanwhile),
        talk.lost,
        (1000 * median(alone), 1000 * _at(alone, 0.95)),
        (1000 * median(meanwhile), 1000 * _at(meanwhile, 0.95), 1000 * meanwhile[-1]),
        *taken,
    )


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def table(found: Sequence[Told]) -> Iterator[str]:
    yield (
        "| | told | missing / twice | s | of the permitted rate | 429s | replies meanwhile, lost "
        "| p50 / p95 ms without | p50 / p95 / max ms meanwhile | p95 ratio | core | MB |"
    )
    yield "| --- |" + " --- |" * 11
    for one in found:
        cells = (
            one.teller,
            f"{one.families - len(one.missing):,} of {one.families:,}",
            f"{len(one.missing)} / {len(one.twice)}",
            f"{one.seconds:.1f}",
            f"{one.used:.3f}",
            str(one.refused),
            f"{one.replies}, {one.lost}",
            " / ".join(f"{ms:.1f}" for ms in one.alone),
            " / ".join(f"{ms:.1f}" for ms in one.meanwhile),
            f"{one.meanwhile[1] / one.alone[1]:.2f}",
            f"{one.core:.2f}",
            f"{one.resident:.0f}",
        )
        yield "| " + " | ".join(cells) + " |"


def faults(found: Sequence[Told]) -> Iterator[str]:
    """What must not be, of ours."""
    for one in found:
        if one.teller != LIMITER.name and (one.missing or one.twice or one.refused or one.lost):
            yield f"{one.teller}: missing {one.missing[:5]}, twice {one.twice[:5]}, {one.refused} 429s, {one.lost} lost"


# --- memory


async def measure_memory(teller: Teller, families: int = MANY, every: int = EVERY) -> list[tuple[int, float]]:
    """(messages, MB in memory then), without limits."""
    telegram = Telegram(families, 0)
    found: list[tuple[int, float]] = []
    async with _at_work(teller, telegram, 0) as child:
        await teller.ask(telegram)
        for wanted in range(every, families + 1, every):
            await until(partial(_reached, telegram, wanted), LONGEST)
            telegram.ledger.clear()
            found.append((wanted, child.resident))
    return found


def _reached(telegram: Telegram, wanted: int) -> bool:
    return len(telegram.told) >= wanted


def memory_table(found: Sequence[tuple[int, float]]) -> Iterator[str]:
    yield "| messages | " + " | ".join(f"{many:,}" for many, _ in found) + " |"
    yield "| --- |" + " --- |" * len(found)
    yield "| MB | " + " | ".join(f"{resident:.0f}" for _, resident in found) + " |"
