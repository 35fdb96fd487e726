"""Conversations: one running Flow each, a row with its sealed answers. A chat may have several."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Executable, Row, TextClause, bindparam, select, update

from storage.database import Tx
from storage.prepared import Prepared, Question
from storage.tables import HELD, UNFINISHED, cards, conversations, records

OPEN, DONE = "open", "done"
_STAYING = ("id", "person_id", "chat_id", "started_at")
_CHANGING = tuple(column.name for column in conversations.c if column.name not in _STAYING)


class Conversation(NamedTuple):
    """`state` is open, done, cancelled or expired; `body` is the flow's own, empty once it was blanked."""

    id: str
    person_id: str
    chat_id: int
    flow: str
    version: int
    state: str
    started_at: datetime
    touched_at: datetime
    body: Mapping[str, Any] = MappingProxyType({})
    card_id: str | None = None
    record_id: str | None = None
    reminded_at: datetime | None = None
    offered_at: datetime | None = None


_WHOLE = select(*(conversations.c[name] for name in Conversation._fields))
_OF_CHATS = Question(
    _WHOLE.where(conversations.c.chat_id.in_(bindparam("chats", expanding=True)), UNFINISHED).order_by(
        conversations.c.touched_at, conversations.c.started_at, conversations.c.id
    )
)


async def of_chats(tx: Tx, chat_ids: Collection[int]) -> dict[int, list[Conversation]]:
    """The open ones of each chat, the last touched last. A chat without any is absent."""
    found: defaultdict[int, list[Conversation]] = defaultdict(list)
    if chat_ids:
        for row in await _OF_CHATS.rows(tx, {"chats": list(chat_ids)}):
            found[row.chat_id].append(_read(tx, row))
    return dict(found)


async def by_ids(tx: Tx, ids: Collection[str]) -> dict[str, Conversation]:
    """These, in any state: an old button may name a closed one."""
    if not ids:
        return {}
    rows = await tx.rows(_WHOLE.where(conversations.c.id.in_(ids)))
    return {row.id: _read(tx, row) for row in rows}


async def done_since(tx: Tx, person_id: str, since: datetime) -> list[Conversation]:
    """Those in which the person stored a record since then, the newest first."""
    theirs = (records.c.author_id == person_id, records.c.created_at >= since, conversations.c.state == DONE)
    joined = _WHOLE.join(records, records.c.conversation_id == conversations.c.id).where(*theirs)
    return [_read(tx, row) for row in await tx.rows(joined.order_by(records.c.created_at.desc()).limit(50))]


async def by_card_message(tx: Tx, chat_id: int, message_id: int) -> str | None:
    """The open conversation whose present card is this message."""
    here = (
        conversations.c.chat_id == chat_id,
        UNFINISHED,
        cards.c.chat_id == chat_id,
        cards.c.message_id == message_id,
    )
    row = await tx.row(select(conversations.c.id).join(cards, cards.c.id == conversations.c.card_id).where(*here))
    return row.id if row else None


async def save(tx: Tx, many: Sequence[Conversation]) -> None:
    """Writes new ones and changes to known ones alike; of one id only the last counts."""
    if not many:
        return
    await _SAVE.run(tx, [_row(tx, one) for one in {one.id: one for one in many}.values()])


def _upsert(tx: Tx) -> Executable:
    insert = tx.insert(conversations).inline()
    changes = {name: insert.excluded[name] for name in _CHANGING}
    return cast(Executable, insert.on_conflict_do_update(index_elements=["id"], set_=changes))


_SAVE = Prepared(_upsert, Conversation._fields)


async def stale(
    tx: Tx, *, untouched_before: datetime, reminded: bool | None = None, offered: bool | None = None
) -> list[Conversation]:
    """Open ones left alone since before then; `reminded` and `offered` narrow to those that were, or were not, yet."""
    conditions: list[ColumnElement[bool] | TextClause] = [UNFINISHED, conversations.c.touched_at < untouched_before]
    for wanted, column in ((reminded, conversations.c.reminded_at), (offered, conversations.c.offered_at)):
        if wanted is not None:
            conditions.append(column.is_not(None) if wanted else column.is_(None))
    statement = _WHOLE.where(*conditions).order_by(conversations.c.touched_at)
    return [_read(tx, row) for row in await tx.rows(statement)]


async def mark_reminded(tx: Tx, ids: Iterable[str], now: datetime) -> None:
    await _mark(tx, ids, reminded_at=now)


async def mark_offered(tx: Tx, ids: Iterable[str], now: datetime) -> None:
    await _mark(tx, ids, offered_at=now)


async def _mark(tx: Tx, ids: Iterable[str], **marks: datetime) -> None:
    if those := list(ids):
        await tx.run(update(conversations).where(conversations.c.id.in_(those)).values(**marks))


async def expire(tx: Tx, before: datetime) -> int:
    """Ends the open ones left alone since before then, and blanks what all such old ones held; how many ended."""
    old = conversations.c.touched_at < before
    held = (old, conversations.c.state != OPEN, HELD)
    await tx.run(update(conversations).where(*held).values(body=b""))
    ended = update(conversations).where(old, UNFINISHED)
    return await tx.run(ended.values(body=b"", state="expired"))


def _row(tx: Tx, one: Conversation) -> tuple[Any, ...]:
    sealed: Any = tx.vault.seal_json(dict(one.body), _where(one.id))
    return one._replace(body=sealed)


def _read(tx: Tx, row: Row[Any]) -> Conversation:
    return Conversation._make(row)._replace(body=tx.vault.open_json(row.body, _where(row.id)) if row.body else {})


def _where(id: str) -> str:
    return f"conversations.body:{id}"
