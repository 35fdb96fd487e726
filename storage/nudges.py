"""The ledger of nudges: each key once, for ever; what is kept for the digest lies here, sealed, until it is said or
settled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, exists, func, or_, select, update

from storage import outbox
from storage.database import Tx
from storage.prepared import Order
from storage.tables import IN_DIGEST, KEPT, nudges
from storage.tables import outbox as outbox_table
from storage.vault import new_id

SAID, FOLDED, SETTLED, EXPIRED = "said", "folded", "settled", "expired"


@dataclass(frozen=True, slots=True)
class Noted:
    """A nudge to note. `body` (text and buttons as JSON) is kept for the digest, and for 'later'."""

    key: str
    owed: str
    person_id: str
    chat_id: int
    at: datetime
    latest: datetime
    needs: str
    body: Mapping[str, Any]
    state: str = SAID
    free: bool = False
    id: str = ""
    absence_id: str = ""
    """Set where it is asked of a deputy."""
    digest: str = ""
    """The key of the digest that says it."""


async def note(tx: Tx, many: Sequence[Noted], now: datetime) -> dict[str, str]:
    """Notes those whose key is new; their ids by key."""
    if not many:
        return {}
    rows = [_row(tx, one, now) for one in {one.key: one for one in many}.values()]
    insert = tx.insert(nudges).on_conflict_do_nothing().returning(nudges.c.key, nudges.c.id)
    return {row.key: row.id for row in await tx.rows(insert, rows)}


async def set_state(tx: Tx, ids: Collection[str], state: str, now: datetime) -> None:
    if ids:
        await tx.run(update(nudges).where(nudges.c.id.in_(ids)).values(state=state, said_at=now))


async def said_since(tx: Tx, person_ids: Collection[str], since: datetime) -> dict[str, int]:
    """How many nudges within the budget each person got since then."""
    if not person_ids:
        return {}
    counted = (
        select(nudges.c.person_id, func.count().label("said"))
        .where(nudges.c.person_id.in_(person_ids), nudges.c.said_at >= since)
        .where(nudges.c.state == SAID, nudges.c.free.is_(False))
        .group_by(nudges.c.person_id)
    )
    return {row.person_id: row.said for row in await tx.rows(counted)}


async def folded(tx: Tx, now: datetime) -> list[Noted]:
    """What waits for the digest, oldest first; what has become too late is closed."""
    late = (KEPT, nudges.c.latest <= now)
    await tx.run(update(nudges).where(*late).values(state=EXPIRED, said_at=now))
    waiting = select(nudges).where(KEPT).order_by(nudges.c.at, nudges.c.key)
    return [_read(tx, row) for row in await tx.rows(waiting)]


DIGEST = "digest:"
"""The keys of the messages begin with it."""
_LOST = ("expired", "cancelled", "failed")
_LOOKED_BACK = timedelta(days=7)


def _digest_is(*states: str) -> ColumnElement[bool]:
    """The condition on `nudges` that the digest which says it stands so in the outbox."""
    return exists().where(outbox_table.c.key == nudges.c.digest, outbox_table.c.state.in_(states))


_UNSAID = or_(nudges.c.state == FOLDED, and_(nudges.c.state == SAID, _digest_is("queued", *_LOST)))


async def say(tx: Tx, digests: Mapping[str, Collection[str]], now: datetime) -> None:
    """By the key of each digest, the ids of what it says."""
    rows = [{"which": id, "says": key} for key, ids in digests.items() for id in ids]
    if rows:
        said = {"state": SAID, "said_at": now, "digest": bindparam("says")}
        await tx.run(update(nudges).where(nudges.c.id == bindparam("which")).values(said), rows)


async def said_in(tx: Tx, digests: Collection[str]) -> list[Noted]:
    """What these digests say, oldest first."""
    those = (nudges.c.digest.in_(digests), nudges.c.state == SAID)
    return [_read(tx, row) for row in await tx.rows(select(nudges).where(*those).order_by(nudges.c.at, nudges.c.key))]


async def put_back(tx: Tx, now: datetime) -> None:
    """What stood in a digest that never reached anybody waits for the next one."""
    lately = (IN_DIGEST, nudges.c.said_at > now - _LOOKED_BACK, nudges.c.state == SAID)
    back = {"state": FOLDED, "said_at": None, "digest": None}
    await tx.run(update(nudges).where(*lately, _digest_is(*_LOST)).values(back))


async def one(tx: Tx, id: str) -> Noted | None:
    row = await tx.row(select(nudges).where(nudges.c.id == id))
    return _read(tx, row) if row else None


_SETTLE = Order(
    update(nudges).where(nudges.c.owed.in_(bindparam("met", expanding=True)), _UNSAID).values(state=SETTLED)
)


async def settle(tx: Tx, owed: Collection[str]) -> None:
    """What was owed has been met: nothing more is said about it, in the same transaction, nor by a digest that still
    stands in the outbox."""
    if owed:
        await _SETTLE.run(tx, {"met": list(owed)})
        await outbox.cancel_about(tx, *owed)


async def settle_subjects(tx: Tx, duty: str, subjects: Collection[str]) -> None:
    """The same for all that is owed about these subjects, whatever the period."""
    for subject in subjects:
        rows = await tx.rows(
            select(nudges.c.owed).where(nudges.c.owed.startswith(f"{duty}:{subject}:", autoescape=True))
        )
        await settle(tx, {row.owed for row in rows})


async def take_back(tx: Tx, absence_id: str) -> None:
    """Who was away is back: what was asked of somebody else in their place, and is not said yet, is said to them."""
    asked = select(nudges.c.key, nudges.c.state).where(nudges.c.absence_id == absence_id)
    rows = await tx.rows(asked.where(nudges.c.state.in_((SAID, FOLDED))))
    await tx.run(update(nudges).where(nudges.c.absence_id == absence_id, _UNSAID).values(state=SETTLED))
    await outbox.cancel_keys(tx, [row.key for row in rows if row.state == SAID])


async def keep(tx: Tx, person_id: str, beyond: int) -> int:
    """What the night holds back from this person, and is less urgent than `beyond`, waits for a digest instead; how
    much that is."""
    queued = (outbox_table.c.state == "queued", outbox_table.c.priority > beyond)
    held = or_(exists().where(outbox_table.c.key == nudges.c.key, *queued), _digest_is("queued"))
    theirs = (nudges.c.person_id == person_id, nudges.c.state == SAID, held)
    keys = [row.key for row in await tx.rows(select(nudges.c.key).where(*theirs))]
    await tx.run(update(nudges).where(*theirs).values(state=FOLDED, said_at=None, digest=None))
    await outbox.cancel_keys(tx, keys)
    return len(keys)


async def asked_instead(tx: Tx, absence_ids: Collection[str]) -> dict[str, set[str]]:
    """By absence: what somebody else was asked, or is to be, in the place of who is away."""
    found: dict[str, set[str]] = {}
    if absence_ids:
        asked = select(nudges.c.absence_id, nudges.c.owed).where(nudges.c.absence_id.in_(absence_ids))
        for row in await tx.rows(asked.where(nudges.c.state.in_((SAID, FOLDED)))):
            found.setdefault(row.absence_id, set()).add(row.owed)
    return found


async def of_owed(tx: Tx, owed: Collection[str]) -> list[Noted]:
    """All that was noted about these, oldest first."""
    if not owed:
        return []
    known = select(nudges).where(nudges.c.owed.in_(owed)).order_by(nudges.c.at, nudges.c.key)
    return [_read(tx, row) for row in await tx.rows(known)]


def _row(tx: Tx, one: Noted, now: datetime) -> dict[str, Any]:
    id = one.id or new_id()
    return {
        "id": id,
        "key": one.key,
        "owed": one.owed,
        "person_id": one.person_id,
        "chat_id": one.chat_id,
        "at": one.at,
        "latest": one.latest,
        "needs": one.needs,
        "free": one.free,
        "state": one.state,
        "said_at": now if one.state == SAID else None,
        "absence_id": one.absence_id or None,
        "body": tx.vault.seal_json(dict(one.body), f"nudges.body:{id}"),
    }


def _read(tx: Tx, row: Row[Any]) -> Noted:
    return Noted(
        row.key,
        row.owed,
        row.person_id,
        row.chat_id,
        row.at,
        row.latest,
        row.needs,
        tx.vault.open_json(row.body, f"nudges.body:{row.id}"),
        row.state,
        row.free,
        row.id,
        row.absence_id or "",
        row.digest or "",
    )
