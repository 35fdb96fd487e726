"""Rows become a table: medians of the runs that nobody disturbed, and ratios to the floor of the same round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

from benchmarks.trial import Row


@dataclass(frozen=True, slots=True)
class Round:
    """The rows of one pass over the peers; the floor stands first and last."""

    rows: Sequence[Row]

    @property
    def floor(self) -> Sequence[Row]:
        ends = [row for row in self.rows if row.peer == self.rows[0].peer]
        return [row for row in ends if not row.disturbed] or ends

    def faster(self, row: Row) -> float:
        return row.rate / mean(floor.rate for floor in self.floor)

    def cheaper(self, row: Row) -> float:
        return mean(floor.cpu for floor in self.floor) / row.cpu


HEAD = (
    "| peer | n | upd/s | x floor | cpu us (range) | x cpu | p50 / p95 / p99 ms | MB | polls/upd |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
)


def table(rounds: Sequence[Round]) -> Iterable[str]:
    """Of one load."""
    yield from HEAD
    for peer, runs in _by_peer(rounds).items():
        quiet = [(at, row) for at, row in runs if not row.disturbed]
        yield _line(peer, quiet or runs, disturbed=not quiet)


def _by_peer(rounds: Sequence[Round]) -> Mapping[str, list[tuple[Round, Row]]]:
    found: defaultdict[str, list[tuple[Round, Row]]] = defaultdict(list)
    for at in rounds:
        for row in at.rows:
            found[row.peer].append((at, row))
    return found


def _line(peer: str, runs: Sequence[tuple[Round, Row]], *, disturbed: bool) -> str:
    rows = [row for _, row in runs]
    cpu = [row.cpu for row in rows]
    cells = (
        peer + (" (disturbed)" if disturbed else ""),
        f"{len(rows)}{'!' if len(rows) < 3 else ''}",
        f"{median(row.rate for row in rows):.0f}",
        f"{median(at.faster(row) for at, row in runs):.2f}",
        f"{median(cpu):.0f} ({min(cpu):.0f}-{max(cpu):.0f})",
        f"{median(at.cheaper(row) for at, row in runs):.2f}",
        " / ".join(f"{median(getattr(row, name) for row in rows):.1f}" for name in ("p50", "p95", "p99")),
        f"{median(row.resident for row in rows):.0f}",
        f"{median(row.polls for row in rows):.2f}",
    )
    return "| " + " | ".join(cells) + " |"


def faults(rows: Iterable[Row]) -> Iterable[str]:
    """What must not be: a record lost or made up, a chat without an answer."""
    for row in rows:
        if row.lost or row.stuck:
            yield f"{row.peer}, {row.chats} chats: {row.finished} finished, {row.stored} stored, {row.stuck} stuck"
