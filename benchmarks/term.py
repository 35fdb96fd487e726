"""A term and its vacation: played calm, with restarts and in a storm, checked, compared, and drawn.

What it writes: `docs/term.png` (what was said to whom, by kind and day) and `docs/term.md` (what was run, and figures).
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import typst
from pylopdf_fonts_zh_cn import sans_path

from benchmarks.kills import DATABASES
from benchmarks.postgres import cluster
from bot.demo.district import district
from storage.migrations import migrate
from tests.term.books import Books
from tests.term.checker import check
from tests.term.district import CHINA, Holder, furnish, holders
from tests.term.kinds import ANSWER, by_day
from tests.term.outcome import Outcome, differences, digest, outcome
from tests.term.play import Play, Wanted, play
from tests.term.weather import CALM, RESTARTS, STORM, WEATHERS

SINCE = datetime(2026, 3, 1, 6, 30, tzinfo=CHINA)
"""The day before the spring term of 2026, the last of which the public holidays are known as this is written."""
WEEKS = 27
"""The term, the summer vacation, and the first days of the next term."""
DOCS = Path(__file__).parent.parent / "docs"
MOST_TOLD = 40
_ROLES = ("guardian", "volunteer", "teacher", "home_lead", "leader", "coordinator")
_AWAY = {"cut": "#4a6fa5", "down": "#222222", "killed": "#222222", "stopped": "#888888"}


@dataclass(frozen=True, slots=True)
class Run:
    """One play of the term, and what the checker says of it."""

    database: str
    weather: str
    books: Books
    seconds: float
    spent: Mapping[str, float]
    starts: int
    violations: Sequence[str]
    outcome: Outcome

    def told(self) -> str:
        sent = sum(said.method.startswith("send") for said in self.books.said)
        why = Counter(one.why for one in self.books.away)
        away = ", ".join(f"{count} x {what}" for what, count in sorted(why.items())) or "never away"
        figures = (
            f"{len(self.books.looked):,} looks of the clockwork",
            f"{len(self.books.done):,} things done by people",
            f"{sent:,} messages, {len(self.books.said) - sent:,} edits",
            away,
            f"{len(self.violations)} violations",
            f"outcome {digest(self.outcome)}",
        )
        return f"{self.weather}: {self.seconds:.0f} s, {', '.join(figures)}"


def term(databases: str, seed: int, weeks: int) -> bool:
    """Whether nothing was found wrong; prints what came of each run and writes the report of all.

    As many at once as there are cores, since a play and its bot take turns.
    """
    wanted = [(database, seed, weeks, weather) for database in DATABASES[databases] for weather in WEATHERS]
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        runs = list(pool.map(_alone, wanted))
    good = not any(run.violations for run in runs)
    for run, calm in _beside_calm(runs):
        apart = list(differences(calm.outcome, run.outcome))
        print(f"{run.database}: calm and with restarts differ in {len(apart)} lines", flush=True)
        print("\n".join(apart[:MOST_TOLD]))
        good = good and not apart
    write(runs)
    return good


def _alone(wanted: tuple[str, int, int, str]) -> Run:
    """In a process of its own."""
    return asyncio.run(_run(*wanted))


def _beside_calm(runs: Sequence[Run]) -> Iterator[tuple[Run, Run]]:
    """Each with restarts beside the calm one of the same seed, on whatever database."""
    for run in runs:
        calm = [one for one in runs if one.weather == CALM and one.books.seed == run.books.seed]
        if calm and run.weather == RESTARTS:
            yield run, next((one for one in calm if one.database == run.database), calm[0])


async def _run(database: str, seed: int, weeks: int, weather: str) -> Run:
    wanted = Wanted(SINCE, SINCE + timedelta(weeks=weeks), seed, weather)
    async with _empty(database) as (url, folder):
        await furnish(url, wanted.since, seed)
        begun = time.monotonic()
        books, played = await play(url, folder, wanted)
        run = await _judged(database, weather, url, books, played, time.monotonic() - begun)
    print(f"{database}, seed {seed}, {run.told()}", flush=True)
    print("\n".join(f"  {line}" for line in run.violations[:MOST_TOLD]))
    return run


async def _judged(database: str, weather: str, url: str, books: Books, played: Play, seconds: float) -> Run:
    found = await check(books)
    return Run(database, weather, books, seconds, dict(played.spent), played.machine.starts, found, await outcome(url))


@asynccontextmanager
async def _empty(database: str) -> AsyncIterator[tuple[str, Path]]:
    """A migrated database without rows, and a folder for what the bot writes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if database == "sqlite":
            await migrate(f"sqlite:///{folder / 'term.db'}")
            yield f"sqlite:///{folder / 'term.db'}", folder
            return
        async with cluster(lambda _: None) as made:
            await made.execute("ALTER SYSTEM SET fsync = off")  # as with SQLite: nobody takes the machine its current
            await made.execute("SELECT pg_reload_conf()")
            await made.execute("CREATE DATABASE term")
            await migrate(made.url("term"))
            yield made.url("term"), folder


# --- the report


def write(runs: Sequence[Run]) -> None:
    """The picture shows the first storm, or what there is."""
    shown = next((run for run in runs if run.weather == STORM), runs[0])
    counts = by_day(shown.books, _holders(shown.books))
    (DOCS / "term.png").write_bytes(draw(shown, counts))
    (DOCS / "term.md").write_text(page(runs, shown, counts), "utf-8")


def _holders(books: Books) -> Mapping[int, Holder]:
    roster = district(books.since.astimezone(CHINA).date())
    return {one.chat_id: one for one in holders(roster, books.seed)}


Counts = Mapping[tuple[str, str], Counter[date]]


def page(runs: Sequence[Run], shown: Run, counts: Counts) -> str:
    books = shown.books
    kinds: Counter[str] = Counter()
    for (kind, _), days in counts.items():
        kinds[kind] += days.total()
    lines = [
        "# A term, played",
        "",
        f"18 homes, 203 children, {len(_holders(books))} people with a phone, {_span(shown)}. The real bot in a "
        "process of its own, the demo's Bot API server, a turned clock. People answer with one tap, late, in words, "
        "with a sticker or not at all; block the bot, lose their phone, hand a child over, go away and name who "
        "stands in. The checker (`tests/term/checker`) shares no code with the rules.",
        "",
        f"![A row for each kind of message and role, a column for each day]({'term.png'})",
        "",
        f"The picture shows {_named(shown)}; edits of cards are not in it.",
        "",
        "    python3 run.py bench --term                     # both databases, seed 1",
        "    python3 run.py bench --term --seed 7 --database sqlite --weeks 4",
        "",
        "| run | days | seconds | looks | done by people | messages | edits | bots | violations | outcome |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(_row(run) for run in runs),
        "",
        *_compared(runs),
        "Where the seconds go: " + "; ".join(f"{_named(run)}: {_spent(run)}" for run in runs) + ".",
        "",
        *_found(runs),
        "| said | messages |",
        "|---|---|",
        *(f"| {kind} | {count:,} |" for kind, count in kinds.most_common()),
        "",
    ]
    return "\n".join(lines)


def _named(run: Run) -> str:
    return f"{run.weather}, {run.database}, seed {run.books.seed}"


def _compared(runs: Sequence[Run]) -> Iterator[str]:
    for run, calm in _beside_calm(runs):
        count = len(list(differences(calm.outcome, run.outcome)))
        yield f"{_named(run)}: its outcome differs from that of {_named(calm)} in {count} lines."
        yield ""


def _found(runs: Sequence[Run]) -> Iterator[str]:
    """What the checker says, word by word."""
    for run in runs:
        if run.violations:
            yield f"Found in {_named(run)}:"
            yield ""
            yield from (f"- {line}" for line in run.violations[:MOST_TOLD])
            yield ""


def _row(run: Run) -> str:
    sent = sum(said.method.startswith("send") for said in run.books.said)
    figures = (len(run.books.looked), len(run.books.done), sent, len(run.books.said) - sent, run.starts)
    told = " | ".join(f"{figure:,}" for figure in (*figures, len(run.violations)))
    return f"| {_named(run)} | {_span(run)} | {run.seconds:.0f} | {told} | {digest(run.outcome)} |"


def _span(run: Run) -> str:
    first, last = (moment.astimezone(CHINA).date() for moment in (run.books.since, run.books.until))
    return f"{first} to {last}"


def _spent(run: Run) -> str:
    return ", ".join(f"{what} {seconds:.0f} s" for what, seconds in sorted(run.spent.items(), key=lambda one: -one[1]))


def draw(run: Run, counts: Counts) -> bytes:
    data = data_of(run.books, counts, _named(run))
    drawn = typst.compile(
        Path(__file__).with_suffix(".typ").read_bytes(),
        format="png",
        ppi=144.0,
        font_paths=typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[sans_path().parent]
        ),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    assert isinstance(drawn, bytes)
    return drawn


def data_of(books: Books, counts: Counts, told: str) -> dict[str, Any]:
    """What stands in the picture. `counts` of the answers come last."""
    first, last = books.since.astimezone(CHINA).date(), books.until.astimezone(CHINA).date()
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    order = sorted(counts, key=lambda row: (row[0] == ANSWER, row[0], _ROLES.index(row[1])))
    shown = [row for row in order if row[1] in _ROLES]
    count = sum(counts[row].total() for row in shown)
    return {
        "title": "What was said to whom, day by day",
        "subtitle": f"{count:,} messages, {first} to {last}, {told}; the darker, the more",
        "days": len(days),
        "sum": "all",
        "most": max(max(counts[row].values()) for row in shown),
        "months": [
            {"column": place, "name": f"{day:%b}"} for place, day in enumerate(days) if day.day == 1 or place == 0
        ],
        "rows": [
            {
                "kind": kind,
                "role": role.replace("_", " "),
                "counts": [counts[kind, role][day] for day in days],
                "total": counts[kind, role].total(),
            }
            for kind, role in shown
        ],
        "marks": [_mark(one, first) for one in books.away],
        "legend": "Below: when the bot was down or killed (black), stopped (grey), the network cut (blue)."
        if books.away
        else "",
    }


def _mark(away: Any, first: date) -> dict[str, Any]:
    midnight = datetime(first.year, first.month, first.day, tzinfo=CHINA)
    since, until = ((moment - midnight) / timedelta(days=1) for moment in (away.since, away.until))
    return {"first": since, "last": max(until, since + 0.35), "color": _AWAY[away.why]}
