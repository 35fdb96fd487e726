"""Notices: one sealed text for many. The outbox holds a row for each person; what they say is read from here.

A row of the outbox is about 'notice:<notice>:<person>' and has no body of its own (`storage.outbox.due` looks it up).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, case, exists, insert, literal, or_, select, update

from care.access import Action, reach
from care.notice import Audience, Stage
from care.people import Actor, Role
from storage import receipts
from storage.audience import among, select_audience
from storage.database import Tx
from storage.outbox import AGAIN, NOTICE
from storage.tables import notices, outbox, people
from storage.tables import receipts as receipt_table

Faces = Mapping[str, Mapping[str, Any]]
"""The bodies of messages by language; the first is for whoever reads none of them."""


@dataclass(frozen=True, slots=True)
class Notice:
    """`words`: what it says, packed, by language. `first` and `again`: the messages, ready to be sent. `topic` is the
    key of what it tells: there is one notice of each at most. Without an author it is the programme's own."""

    id: str
    number: str
    audience: Audience
    words: Mapping[str, Any]
    first: Faces
    again: Faces
    created_at: datetime
    send_at: datetime
    author_id: str | None = None
    topic: str | None = None
    emergency: bool = False
    stage: Stage = Stage.WAITING
    rounds: int = 0
    shown: str = ""


async def add(tx: Tx, notice: Notice) -> bool:
    """False where there is one of this topic already."""
    body = {
        "words": notice.words,
        "first": notice.first,
        "again": notice.again,
        "roles": [role.value for role in notice.audience.roles],
        "homes": list(notice.audience.homes),
    }
    row = {
        "id": notice.id,
        "number": notice.number,
        "topic": notice.topic,
        "author_id": notice.author_id,
        "state": notice.stage.value,
        "emergency": notice.emergency,
        "body": tx.vault.seal_json(body, f"notices.body:{notice.id}"),
        "created_at": notice.created_at,
        "send_at": notice.send_at,
        "shown_at": notice.created_at,
    }
    return await tx.run(tx.insert(notices).on_conflict_do_nothing(), row) == 1


async def one(tx: Tx, notice_id: str) -> Notice | None:
    row = await tx.row(select(notices).where(notices.c.id == notice_id))
    return _read(tx, row) if row else None


async def latest(tx: Tx, actor: Actor, most: int) -> list[Notice]:
    """The newest first, for who may see the notices of the district; for others none."""
    if not reach(actor, Action.SEE_NOTICES).district:
        return []
    newest = select(notices).order_by(notices.c.created_at.desc(), notices.c.id).limit(most)
    return [_read(tx, row) for row in await tx.rows(newest)]


async def of_topic(tx: Tx, prefix: str) -> list[Notice]:
    """Those whose topic begins so, in the order of their times."""
    like = notices.c.topic.startswith(prefix, autoescape=True)
    return [_read(tx, row) for row in await tx.rows(select(notices).where(like).order_by(notices.c.send_at))]


async def safety_since(tx: Tx, since: datetime) -> list[Notice]:
    """Those that tell a safety topic or were an emergency, and have begun to go out since then."""
    safety = or_(notices.c.topic.is_not(None), notices.c.emergency)
    gone = notices.c.state.in_((Stage.SENDING.value, Stage.DONE.value))
    found = select(notices).where(safety, gone, notices.c.send_at >= since)
    return [_read(tx, row) for row in await tx.rows(found.order_by(notices.c.send_at))]


# --- sending


async def fan_out(
    tx: Tx, notice: Notice, today: date, now: datetime, *, not_before: datetime, expires_at: datetime
) -> int:
    """A receipt for everybody in the audience, and a message for each who can be reached: two statements, however many
    they are. How many messages."""
    meant = select_audience(notice.audience, emergency=notice.emergency)
    reachable = and_(people.c.chat_id.is_not(None), people.c.unreachable_since.is_(None))
    state = case((people.c.chat_id.is_(None), "no_chat"), (reachable, "queued"), else_="unreachable")
    everybody = select(
        literal(notice.id).label("notice_id"),
        meant.c.person_id,
        meant.c.home_id,
        state.label("state"),
        case((reachable, literal(f"{NOTICE}{notice.id}:") + meant.c.person_id)).label("key"),
    ).join(people, people.c.id == meant.c.person_id)
    columns = ["notice_id", "person_id", "home_id", "state", "key"]
    await tx.run(insert(receipt_table).from_select(columns, everybody), {"today": today})
    return await _queue(tx, notice, now, not_before, expires_at)


async def ask_again(tx: Tx, notice: Notice, now: datetime, *, not_before: datetime, expires_at: datetime) -> int:
    """A fresh message for everybody who has not acknowledged, can be reached now and has none on its way. How many."""
    key = literal(f"{NOTICE}{notice.id}:") + receipt_table.c.person_id + f"{AGAIN}{notice.rounds + 1}"
    reachable = select(people.c.id).where(people.c.chat_id.is_not(None), people.c.unreachable_since.is_(None))
    silent = (
        receipt_table.c.notice_id == notice.id,
        receipt_table.c.acknowledged_at.is_(None),
        receipt_table.c.state != "queued",
        receipt_table.c.person_id.in_(reachable),
    )
    if not await tx.run(update(receipt_table).where(*silent).values(state="queued", key=key, error=None)):
        return 0
    await tx.run(update(notices).where(notices.c.id == notice.id).values(rounds=notice.rounds + 1))
    return await _queue(tx, notice, now, not_before, expires_at)


async def _queue(tx: Tx, notice: Notice, now: datetime, not_before: datetime, expires_at: datetime) -> int:
    """One INSERT ... SELECT: what is queued in the receipts and not yet in the outbox."""
    values: dict[str, Any] = {
        "key": receipt_table.c.key,
        "chat_id": people.c.chat_id,
        "person_id": people.c.id,
        "verb": literal("send"),
        "priority": literal(1 if notice.emergency else 3),
        "body": literal(b"", outbox.c.body.type),
        "about": literal(f"{NOTICE}{notice.id}:") + people.c.id,
        "needs": literal(Action.GET_NOTICE.value),
        "created_at": literal(now, outbox.c.created_at.type),
        "not_before": literal(not_before, outbox.c.not_before.type),
        "expires_at": literal(expires_at, outbox.c.expires_at.type),
    }
    rows: Select[Any] = select(*(value.label(name) for name, value in values.items()))
    rows = rows.join_from(receipt_table, people, people.c.id == receipt_table.c.person_id)
    rows = rows.where(receipt_table.c.notice_id == notice.id, receipt_table.c.state == "queued")
    queued = await tx.run(tx.insert(outbox).from_select(list(values), rows).on_conflict_do_nothing())
    moving = {"state": Stage.SENDING.value, "send_at": not_before}
    await tx.run(update(notices).where(notices.c.id == notice.id).values(moving))
    return queued


async def cancel(tx: Tx, notice: Notice, now: datetime) -> int:
    """What has not gone does not go; how many messages that were."""
    keys = select(receipt_table.c.key).where(receipt_table.c.notice_id == notice.id, receipt_table.c.state == "queued")
    waiting = update(outbox).where(outbox.c.key.in_(keys), outbox.c.state == "queued")
    stopped = await tx.run(waiting.values(state="cancelled", done_at=now))
    await receipts.refresh(tx, notice.id)
    await set_stage(tx, notice.id, Stage.CANCELLED)
    await touch(tx, notice.id, now)
    return stopped


async def still_meant(tx: Tx, about: Collection[str]) -> set[str]:
    """Those of 'notice:<notice>:<person>' whose person still belongs to the notice's audience."""
    asked: defaultdict[str, set[str]] = defaultdict(set)
    for what in about:
        _, notice_id, person_id = what.split(":")
        asked[notice_id].add(person_id)
    still: set[str] = set()
    for notice_id, person_ids in asked.items():
        if notice := await one(tx, notice_id):
            members = await among(tx, notice.audience, person_ids, date.max, emergency=notice.emergency)
            still |= {f"{NOTICE}{notice_id}:{person_id}" for person_id in members}
    return still


# --- how far they are


async def due(tx: Tx, now: datetime) -> list[Notice]:
    """Those that wait and whose time has come."""
    ripe = select(notices).where(notices.c.state == Stage.WAITING.value, notices.c.send_at <= now)
    return [_read(tx, row) for row in await tx.rows(ripe.order_by(notices.c.send_at, notices.c.id))]


def _moving(now: datetime, shown_before: datetime) -> Any:
    on_its_way = and_(notices.c.state == Stage.SENDING.value, notices.c.send_at <= now)
    return and_(or_(on_its_way, notices.c.touched_at > notices.c.shown_at), notices.c.shown_at <= shown_before)


async def astir(tx: Tx, now: datetime, shown_before: datetime) -> bool:
    """Whether there is anything to do: one to send, or one that has moved since it was last shown."""
    ripe = and_(notices.c.state == Stage.WAITING.value, notices.c.send_at <= now)
    return bool((await tx.rows(select(exists().where(or_(ripe, _moving(now, shown_before))))))[0][0])


async def moved(tx: Tx, now: datetime, shown_before: datetime) -> list[Notice]:
    """Those on their way, or touched since they were last shown, which was not after `shown_before`."""
    found = select(notices).where(_moving(now, shown_before)).order_by(notices.c.created_at, notices.c.id)
    return [_read(tx, row) for row in await tx.rows(found)]


async def set_stage(tx: Tx, notice_id: str, stage: Stage) -> None:
    await tx.run(update(notices).where(notices.c.id == notice_id).values(state=stage.value))


async def touch(tx: Tx, notice_id: str, now: datetime) -> None:
    """Something has changed that those who look at it should see."""
    await tx.run(update(notices).where(notices.c.id == notice_id).values(touched_at=now))


async def set_shown(tx: Tx, notice_id: str, shown: str, now: datetime) -> None:
    await tx.run(update(notices).where(notices.c.id == notice_id).values(shown=shown, shown_at=now))


def _read(tx: Tx, row: Row[Any]) -> Notice:
    body = tx.vault.open_json(row.body, f"notices.body:{row.id}")
    return Notice(
        row.id,
        row.number,
        Audience(tuple(role for role in Role if role in body["roles"]), tuple(body["homes"])),
        body["words"],
        body["first"],
        body["again"],
        row.created_at,
        row.send_at,
        row.author_id,
        row.topic,
        row.emergency,
        Stage(row.state),
        row.rounds,
        row.shown or "",
    )
