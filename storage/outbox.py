"""The outbox: everything that is to be said, in order per chat, each key once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)

from storage.database import Tx
from storage.prepared import Order, Prepared
from storage.tables import QUEUED, cards, notices, outbox, people

SENT = "sent"
NOTICE = "notice:"
"""What a message of a notice is about begins so: 'notice:<notice>:<person>'. Its words are the notice's."""
AGAIN = ":again:"
"""In the key of one that asks once more."""
_OVER = ("sent", "cancelled", "expired")
"""What was to be said is of no more use: the body is blanked."""


class Queued(NamedTuple):
    """A message to put in. `not_before` None: at once."""

    key: str
    chat_id: int
    verb: str
    priority: int
    body: Mapping[str, Any]
    created_at: datetime
    person_id: str | None = None
    card_id: str | None = None
    about: str | None = None
    needs: str | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None


class Due(NamedTuple):
    """A message to send now. `message_id` is that of its card, once it was sent; `language` that of the person now."""

    id: int
    key: str
    chat_id: int
    person_id: str | None
    verb: str
    priority: int
    card_id: str | None
    message_id: int | None
    body: dict[str, Any]
    about: str | None
    needs: str | None
    attempts: int
    created_at: datetime
    expires_at: datetime | None
    language: str
    reachable: bool


class Result(NamedTuple):
    """What became of a message: sent, failed, cancelled, expired, unknown, or queued again until `not_before`."""

    key: str
    state: str
    message_id: int | None = None
    error: str | None = None
    attempts: int = 1
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dead:
    id: int
    key: str
    chat_id: int
    person_id: str | None
    verb: str
    state: str
    attempts: int
    error: str
    created_at: datetime


_PUT = Prepared(lambda tx: tx.insert(outbox).on_conflict_do_nothing().inline(), Queued._fields)


async def put(tx: Tx, messages: Sequence[Queued]) -> None:
    """Queues them; a key that was queued before is left alone. Of a card's queued edits only the last stays."""
    if not messages:
        return
    await _PUT.run(tx, [_row(tx, message) for message in messages])
    changed = {message.card_id for message in messages if message.card_id and message.verb in ("send", "edit")}
    if changed:
        await _COLLAPSE.run(tx, {"cards": list(changed)})


_later = outbox.alias("later")
_COLLAPSE = Order(
    update(outbox)
    .where(
        outbox.c.card_id.in_(bindparam("cards", expanding=True)),
        outbox.c.verb == "edit",
        QUEUED,
        exists().where(
            _later.c.card_id == outbox.c.card_id,
            _later.c.id > outbox.c.id,
            _later.c.verb.in_(("send", "edit")),
            _later.c.state != "cancelled",
        ),
    )
    .values(state="cancelled", body=b"")
)

_NOW: ColumnElement[datetime] = bindparam("now", type_=outbox.c.created_at.type)
_ALIVE = or_(outbox.c.expires_at.is_(None), outbox.c.expires_at > _NOW)
_RIPE = outbox.c.not_before <= _NOW
_HEADS = (
    select(outbox.c.chat_id)
    .where(QUEUED, _RIPE, _ALIVE, outbox.c.chat_id.not_in(bindparam("busy", expanding=True)))
    .order_by(outbox.c.priority, outbox.c.id)
    .limit(bindparam("most"))
)
LINE = 40
"""So many of what waits for one chat are looked at; else thousands that wait would cost as much at each look."""
_placed = (
    select(outbox.c.id, func.row_number().over(partition_by=outbox.c.chat_id, order_by=outbox.c.id).label("place"))
    .where(outbox.c.chat_id.in_(bindparam("chats", expanding=True)), text("outbox.state = 'queued'"))
    .where(_ALIVE, or_(_RIPE, outbox.c.attempts > 0))
    .subquery()
)
_LINES = (
    select(outbox, cards.c.message_id.label("card_message_id"), people.c.language, people.c.unreachable_since)
    .join(_placed, _placed.c.id == outbox.c.id)
    .outerjoin(cards, cards.c.id == outbox.c.card_id)
    .outerjoin(people, people.c.id == outbox.c.person_id)
    .where(_placed.c.place <= LINE)
    .order_by(outbox.c.id)
)


async def due(tx: Tx, now: datetime, limit: int, busy_chats: Collection[int] = ()) -> list[Due]:
    """What to send next, most urgent first, a chat's oldest first. Busy chats are left out.

    What stands before an urgent message in its chat is as urgent as that. One that waits for another attempt holds up
    those behind it; one that is not yet to be said does not.
    """
    heads = await tx.rows(_HEADS, {"now": now, "busy": list(busy_chats), "most": limit})
    if not heads:
        return []
    rows = await tx.rows(_LINES, {"now": now, "chats": list({row.chat_id for row in heads})})
    next_ones = _in_turn(rows, now)[:limit]
    said = await _notices(tx, next_ones)
    return [_read(tx, row, said) for row in next_ones]


_BEYOND = (
    select(outbox.c.chat_id)
    .distinct()
    .where(outbox.c.chat_id.in_(bindparam("chats", expanding=True)), QUEUED, _RIPE, _ALIVE)
    .where(outbox.c.key.not_in(bindparam("keys", expanding=True)))
)


async def beyond(tx: Tx, now: datetime, chats: Collection[int], keys: Collection[str]) -> list[int]:
    """Those of these chats for which a message is due that is not among these."""
    if not chats:
        return []
    return [row.chat_id for row in await tx.rows(_BEYOND, {"chats": list(chats), "keys": list(keys), "now": now})]


async def _notices(tx: Tx, rows: Sequence[Row[Any]]) -> dict[str, Any]:
    """The bodies of the notices that these rows have no words without, each opened once."""
    ids = {row.about.split(":")[1] for row in rows if not row.body and row.about and row.about.startswith(NOTICE)}
    if not ids:
        return {}
    found = await tx.rows(select(notices.c.id, notices.c.body).where(notices.c.id.in_(ids)))
    return {row.id: tx.vault.open_json(row.body, f"notices.body:{row.id}") for row in found}


def _in_turn(rows: Sequence[Row[Any]], now: datetime) -> list[Row[Any]]:
    lines: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        lines[row.chat_id].append(row)
    ranked = sorted((rank, row.id, row) for line in lines.values() for rank, row in _ranks(line, now))
    return [row for _, _, row in ranked]


def _ranks(line: Sequence[Row[Any]], now: datetime) -> Iterator[tuple[int, Row[Any]]]:
    """Each message of one chat that may go now, with the urgency of the most urgent behind it."""
    held = next((place for place, row in enumerate(line) if row.not_before > now), len(line))
    rank = 99
    for row in reversed(line[:held]):
        rank = min(rank, row.priority)
        yield rank, row


async def claim(tx: Tx, ids: Collection[int]) -> None:
    """Marks as being sent: needed for what must not be sent twice after a crash (documents, media)."""
    await tx.run(update(outbox).where(outbox.c.id.in_(ids), QUEUED).values(state="sending"))


_NEW_STATE: BindParameter[str] = bindparam("new_state", type_=outbox.c.state.type)
_MARKED = ("which", "new_state", "number", "why", "tries", "later", "blank", "done")
_MARK = Prepared(
    lambda _: (
        update(outbox)
        .where(outbox.c.key == bindparam("which"), or_(QUEUED, outbox.c.state == "sending", _NEW_STATE == SENT))
        .values(
            state=_NEW_STATE,
            message_id=func.coalesce(bindparam("number", type_=outbox.c.message_id.type), outbox.c.message_id),
            error=bindparam("why"),
            attempts=bindparam("tries"),
            not_before=func.coalesce(bindparam("later", type_=outbox.c.not_before.type), outbox.c.not_before),
            body=func.coalesce(bindparam("blank", type_=outbox.c.body.type), outbox.c.body),
            done_at=bindparam("done"),
        )
    ),
    _MARKED,
)
_NEW_NUMBER: BindParameter[int] = bindparam("number", type_=cards.c.message_id.type)
_NUMBER = Prepared(
    lambda _: (
        update(cards)
        .where(
            cards.c.id
            == select(outbox.c.card_id)
            .where(outbox.c.key == bindparam("which"), or_(outbox.c.verb == "send", outbox.c.verb == "edit"))
            .scalar_subquery(),
            or_(cards.c.message_id.is_(None), cards.c.message_id != _NEW_NUMBER),  # most have theirs already
        )
        .values(message_id=_NEW_NUMBER)
    ),
    ("which", "number"),
)


async def mark(tx: Tx, results: Sequence[Result], now: datetime) -> None:
    """Writes what became of them, all at once, and which number their cards got. Bodies done with are blanked."""
    if not results:
        return
    await _MARK.run(tx, [_outcome(result, now) for result in results])
    numbers = [(one.key, one.message_id) for one in results if one.state == SENT and one.message_id]
    await _NUMBER.run(tx, numbers)


_CANCEL_ABOUT = Order(
    update(outbox)
    .where(QUEUED, outbox.c.about.in_(bindparam("abouts", expanding=True)))
    .values(state="cancelled", body=b"")
)


async def cancel_about(tx: Tx, *about: str) -> int:
    """Cancels what is queued about any of these; how many."""
    return await _CANCEL_ABOUT.run(tx, {"abouts": about}) if about else 0


async def cancel_keys(tx: Tx, keys: Collection[str]) -> int:
    """Cancels those of these messages that are still queued; how many."""
    return await _cancel(tx, outbox.c.key.in_(keys)) if keys else 0


async def cancel_person(tx: Tx, person_id: str, *, replies_too: bool = False) -> int:
    """Cancels what is queued for a person; plain answers (priority 0, no `needs`) only when asked to."""
    theirs = outbox.c.person_id == person_id
    unasked = and_(theirs, or_(outbox.c.priority > 0, outbox.c.needs.is_not(None)))
    return await _cancel(tx, theirs if replies_too else unasked)


async def cancel_others(tx: Tx, chat_id: int, person_id: str) -> int:
    """Cancels what is queued in a chat for people other than the one whose chat it is now."""
    return await _cancel(tx, and_(outbox.c.chat_id == chat_id, outbox.c.person_id != person_id))


async def recover(tx: Tx) -> list[int]:
    """At start: what was being sent is queued again, but media is 'unknown' now. The ids of the unknown ones.

    A notice goes out again with its picture too: rather twice than not at all.
    """
    rows = await tx.rows(select(outbox.c.id, outbox.c.key, outbox.c.body).where(outbox.c.state == "sending"))
    lost = [row.id for row in rows if row.body and "media" in tx.vault.open_json(row.body, _where(row.key))]
    await tx.run(update(outbox).where(outbox.c.id.in_(lost)).values(state="unknown"))
    await tx.run(update(outbox).where(outbox.c.state == "sending").values(state="queued"))
    return lost


async def held(tx: Tx, now: datetime) -> dict[int, datetime]:
    """By chat, until when a message waits for another attempt, and those behind it with it."""
    wait = select(outbox.c.chat_id, func.max(outbox.c.not_before).label("until"))
    put_off = wait.where(QUEUED, outbox.c.attempts > 0, outbox.c.not_before > now).group_by(outbox.c.chat_id)
    return {row.chat_id: row.until for row in await tx.rows(put_off)}


async def expire(tx: Tx, now: datetime) -> int:
    """Closes what waited past its time; how many."""
    past = update(outbox).where(QUEUED, outbox.c.expires_at <= now)
    return await tx.run(past.values(state="expired", body=b"", done_at=now))


async def depth(tx: Tx) -> int:
    """How many are queued."""
    return int((await tx.rows(select(func.count()).select_from(outbox).where(QUEUED)))[0][0])


async def dead(tx: Tx) -> list[Dead]:
    """What failed or whose fate is unknown, oldest first."""
    columns = (getattr(outbox.c, name) for name in Dead.__slots__)
    over = select(*columns).where(outbox.c.state.in_(("failed", "unknown"))).order_by(outbox.c.id)
    return [Dead(**(row._asdict() | {"error": row.error or ""})) for row in await tx.rows(over)]


async def forget(tx: Tx, before: datetime) -> int:
    """Deletes what was done with before then."""
    over = outbox.c.state.not_in(("queued", "sending"))
    return await tx.run(delete(outbox).where(over, func.coalesce(outbox.c.done_at, outbox.c.created_at) < before))


async def _cancel(tx: Tx, which: ColumnElement[bool]) -> int:
    return await tx.run(update(outbox).where(QUEUED, which).values(state="cancelled", body=b""))


def _row(tx: Tx, message: Queued) -> tuple[Any, ...]:
    sealed: Any = tx.vault.seal_json(message.body, _where(message.key))
    return message._replace(body=sealed, not_before=message.not_before or message.created_at)


def _outcome(result: Result, now: datetime) -> tuple[Any, ...]:
    """In the order of `_MARKED`."""
    return (
        result.key,
        result.state,
        result.message_id,
        result.error[:200] if result.error else None,
        result.attempts,
        result.not_before,
        b"" if result.state in _OVER else None,
        None if result.state in ("queued", "sending") else now,
    )


def _body(tx: Tx, row: Row[Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Its own, or the notice's in the language that the person reads now."""
    if row.body:
        return cast(dict[str, Any], tx.vault.open_json(row.body, _where(row.key)))
    notice = said.get(row.about.split(":")[1]) if said and row.about else None
    if notice is None:
        return {}
    faces = notice["again" if AGAIN in row.key else "first"]
    return cast(dict[str, Any], faces.get(row.language) or next(iter(faces.values())))


def _read(tx: Tx, row: Row[Any], said: Mapping[str, Any]) -> Due:
    return Due(
        row.id,
        row.key,
        row.chat_id,
        row.person_id,
        row.verb,
        row.priority,
        row.card_id,
        row.card_message_id,
        _body(tx, row, said),
        row.about,
        row.needs,
        row.attempts,
        row.created_at,
        row.expires_at,
        row.language or "",
        row.unreachable_since is None,
    )


def _where(key: str) -> str:
    return f"outbox.body:{key}"
