"""python3 run.py bench: what the bot costs, some of it beside other bots. Linux, two cores; all of it, half an hour.

speed, far: visits logged by many at once, without and with a long way to Telegram. size: memory and start. ticks: of a
large district. broadcast: a notice to 5,000 at Telegram's limits, and memory through 50,000.
`--kills N` is another thing: no figures, but the bot killed N times on each database (docs/reliability.md). So is
`--term`: a school term and its vacation, played, checked and drawn (docs/term.md).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks import broadcast
from benchmarks.environments import CACHE, command, node_missing
from benchmarks.kills import DATABASES, kill
from benchmarks.peers_known import FLOOR, FSM, NODE, PICKLE, SQLITE, Peer, make_district, on_postgres
from benchmarks.postgres import Cluster, cluster
from benchmarks.report import Round, faults, table
from benchmarks.size import measure_size
from benchmarks.term import WEEKS, term
from benchmarks.ticks import SIZES, heaviest_table, measure_heaviest, measure_ticks, tables
from benchmarks.trial import Failed, Load, Row, measure

SUITES = ("speed", "far", "size", "ticks", "broadcast")
TRIES = 3


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)}; all of them by default")
    parser.add_argument("--rounds", type=int, default=2, help="passes over all peers, interleaved")
    parser.add_argument("--quick", action="store_true", help="one short round with 50 chats")
    parser.add_argument("--chats", type=int, nargs="+", default=[1, 50, 1000], help="of the suite 'speed'")
    parser.add_argument("--only", default="", help="peers whose name holds this, and the floor")
    parser.add_argument("--rows", type=Path, default=CACHE / "rows.json", help="where every run is written down")
    parser.add_argument("--scale", type=float, default=10.0, help="of 'broadcast': how often faster than Telegram")
    parser.add_argument("--kills", type=int, default=0, metavar="N", help="kill the bot so often, and nothing else")
    parser.add_argument("--term", action="store_true", help="play a term, and nothing else")
    parser.add_argument("--weeks", type=int, default=WEEKS, help="of --term")
    parser.add_argument("--database", choices=DATABASES, default="both", help="of --kills and --term")
    parser.add_argument("--seed", type=int, default=1, help="of --kills and --term")
    found = parser.parse_args()
    if unknown := set(found.suites) - set(SUITES):
        parser.error(f"unknown: {', '.join(unknown)}")
    return found


async def _try(peer: Peer, load: Load) -> list[Row]:
    """Again, where others were at work on these cores; the last one counts, however disturbed."""
    rows: list[Row] = []
    while len(rows) < TRIES and (not rows or rows[-1].disturbed):
        try:
            rows.append(await measure(peer, load))
        except Failed as failed:
            print(failed, file=sys.stderr)
            break
        print(_told(rows[-1]), flush=True)
    return rows


def _told(row: Row) -> str:
    shown = f"  {row.peer:32} {row.chats:5} chats {row.rate:6.0f} upd/s {row.cpu:6.0f} us  p50 {row.p50:7.1f} ms"
    return shown + (f"  DISTURBED ({row.others:.2f} of a core)" if row.disturbed else "")


async def _compare(name: str, peers: Sequence[Peer], load: Load, rounds: int) -> list[Row]:
    print(f"\n{name}: {load.chats} chats, {load.delay * 1000:.0f} ms added to each answer")
    passes, everything = [], []
    for _ in range(rounds):
        rows = [row for peer in (FLOOR, *peers, FLOOR) for row in await _try(peer, load)]
        everything += rows
        passes.append(Round(rows))
    print("\n" + "\n".join(table(passes)), flush=True)
    return everything


async def _size() -> None:
    found = [await measure_size() for _ in range(3)]
    print("\nsize: seconds to the first reply, MB idle, MB under load (three runs)")
    for one in found:
        print(f"  {one.first_reply:.2f} s   {one.idle:.0f} MB   {one.loaded:.0f} MB", flush=True)


async def _ticks(made: Cluster, *, quick: bool) -> None:
    sizes = SIZES[:-1] if quick else SIZES
    print("\nticks: with more and more children, of whom the same 200 fall due")
    print("\n" + "\n".join(tables(await measure_ticks(sizes, made))), flush=True)
    print("\nthe heaviest tick: all guardians are asked for their check-in, into the outbox")
    print("\n" + "\n".join(heaviest_table(await measure_heaviest(sizes[-1], made))), flush=True)


async def _broadcast(made: Cluster, scale: float, only: str, *, quick: bool) -> list[str]:
    """What must not be."""
    tellers = [broadcast.SQLITE, broadcast.LIMITER, *([] if quick else [broadcast.on_postgres(made)])]
    tellers = [teller for teller in tellers if only.lower() in teller.name.lower()]
    print(f"\nbroadcast: {broadcast.FAMILIES:,} families at Telegram's limits, {scale:.0f} times as fast")
    found = [await broadcast.measure_broadcast(teller, scale=scale) for teller in tellers]
    print("\n" + "\n".join(broadcast.table(found)), flush=True)
    if not (quick or only):
        print("\nmemory through a broadcast without limits")
        print("\n" + "\n".join(broadcast.memory_table(await broadcast.measure_memory(broadcast.SQLITE))), flush=True)
    return list(broadcast.faults(found))


def _peers(made: Cluster, only: str) -> list[Peer]:
    """With their environments made."""
    peers = [PICKLE, FSM, NODE, SQLITE, on_postgres(made)]
    if why := node_missing():
        print(f"{NODE.name} is left out: {why}", flush=True)
        peers.remove(NODE)
    peers = [peer for peer in peers if only.lower() in peer.name.lower()]
    for peer in (FLOOR, *peers):
        command(peer.packages, peer.start)
    return peers


async def _bench(wanted: argparse.Namespace) -> tuple[list[Row], list[str]]:
    """The rows of the speed suites, and what must not be in the others."""
    suites = wanted.suites or SUITES
    rounds, window = (1, 2.0) if wanted.quick else (wanted.rounds, 3.5)
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(cluster(make_district))
        peers = _peers(made, wanted.only) if {"speed", "far"} & set(suites) else []
        rows: list[Row] = []
        wrong: list[str] = []
        if "speed" in suites:
            for chats in (50,) if wanted.quick else wanted.chats:
                rows += await _compare("speed", peers, Load(chats, window=window), rounds)
        if "far" in suites:
            far = [peer for peer in peers if peer is not PICKLE]
            rows += await _compare("far", far, Load(200, delay=0.05, warm=2.0, window=window), rounds)
        if "size" in suites:
            await _size()
        if "ticks" in suites:
            await _ticks(made, quick=wanted.quick)
        if "broadcast" in suites:
            wrong = await _broadcast(made, wanted.scale, wanted.only, quick=wanted.quick)
        return rows, wrong


def main() -> int:
    wanted = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # its servers and bots end with it
    if wanted.kills:
        return int(not asyncio.run(kill(wanted.kills, wanted.database, wanted.seed)))
    if wanted.term:
        return int(not term(wanted.database, wanted.seed, wanted.weeks))
    rows, wrong = asyncio.run(_bench(wanted))
    if rows:
        wanted.rows.write_text(json.dumps([row.as_dict() for row in rows], indent=1))
    wrong += faults(rows)
    told = "Every finished conversation is one record; nobody is left waiting or untold."
    print("\n" + ("\n".join(wrong) if wrong else told))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
