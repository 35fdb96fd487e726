"""Records: what people logged. Scoped by the actor; the words of a closed circle go only to those inside it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, and_, bindparam, or_, select, update

from care.access import Action, may
from care.children import Child
from care.people import Actor
from care.records import KINDS
from care.records.base import Record
from care.records.contact_entry import ContactEntry
from care.records.fields import Media
from care.refusal import Refusal
from storage.absences import stood_in
from storage.children import child, read_child
from storage.database import Tx
from storage.prepared import Prepared, Question
from storage.scope import in_reach, records_in_reach, records_wholly_in_reach
from storage.tables import children as child_table
from storage.tables import homes, people, record_children, records
from storage.vault import new_id

V = TypeVar("V")
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_OWN = ("id", "number", "kind", "home_id", "author_id", "happened_on", "created_at", "version", "supersedes", "status")
_COLUMNS = (*_OWN, "concern", "conversation_id")
_told = attrgetter(*_COLUMNS)


@dataclass(frozen=True, slots=True)
class Saved:
    """A record with all that surrounds it. `saved` makes one; names come when it is read.

    `children` are the ids of all whom it is about, `about` those of them whom the reader may see. `closed`: the words
    of `body` are blanked, because the reader stands outside the circle.
    """

    id: str
    number: str
    kind: str
    home_id: str
    author_id: str
    happened_on: date
    created_at: datetime
    body: Record
    children: tuple[str, ...] = ()
    version: int = 1
    supersedes: str | None = None
    status: str = "current"
    concern: str = "none"
    conversation_id: str | None = None
    home_name: str = ""
    author_name: str = ""
    about: tuple[Child, ...] = ()
    closed: bool = False


def saved(
    body: Record, *, home_id: str, author_id: str, now: datetime, conversation_id: str | None = None, id: str = ""
) -> Saved:
    """A new record around this body, ready to be added: its id and number are known before it is written."""
    id = id or new_id()
    return Saved(
        id,
        number_of(id),
        body.kind,
        home_id,
        author_id,
        body.happened_on,
        now,
        body,
        tuple(dict.fromkeys(body.about)),
        concern=body.concern.value,
        conversation_id=conversation_id,
    )


def number_of(record_id: str) -> str:
    """The short visible reference of a record: 4 characters that nobody confuses."""
    left = int.from_bytes(hashlib.sha256(record_id.encode()).digest()[:8], "big")
    return "".join(_ALPHABET[left // len(_ALPHABET) ** place % len(_ALPHABET)] for place in range(4))


_KNOWN = Question(
    select(records.c.id, records.c.conversation_id).where(
        or_(
            records.c.id.in_(bindparam("ids", expanding=True)),
            records.c.conversation_id.in_(bindparam("from", expanding=True)),
        )
    )
)
_ADD = Prepared(lambda _: records.insert().inline(), (*_COLUMNS, "body"))
_BIND = Prepared(lambda _: record_children.insert().inline(), ("record_id", "child_id"))


async def add(tx: Tx, many: Sequence[Saved]) -> set[str]:
    """Writes them; the ids of those that were new: one saved before, or from the same conversation, is left alone.

    What a new one supersedes is no longer current.
    """
    if not many:
        return set()
    asked = {"ids": [one.id for one in many], "from": [one.conversation_id for one in many if one.conversation_id]}
    known = {id for row in await _KNOWN.rows(tx, asked) for id in (row.id, row.conversation_id)}
    fresh = []
    for one in many:
        if known.isdisjoint(own := {one.id, one.conversation_id or one.id}):
            fresh.append(one)
            known |= own
    await _ADD.run(tx, [_row(tx, one) for one in fresh])
    await _BIND.run(tx, [(one.id, child_id) for one in fresh for child_id in one.children])
    superseded = [one.supersedes for one in fresh if one.supersedes]
    if superseded:
        await tx.run(update(records).where(records.c.id.in_(superseded)).values(status="superseded"))
    return {one.id for one in fresh}


async def mine(tx: Tx, actor: Actor, limit: int, before: datetime | None = None) -> list[Saved]:
    """The actor's own, newest first, as far as they still reach whom it is about."""
    own = and_(records.c.author_id == actor.person_id, records_in_reach(actor, Action.SEE_OWN_RECORDS))
    return await _newest(tx, actor, Action.SEE_OWN_RECORDS, own, limit, before)


async def recent(tx: Tx, actor: Actor, limit: int, before: datetime | None = None) -> list[Saved]:
    """The newest in the actor's reach."""
    within = records_in_reach(actor, Action.SEE_RECORDS)
    return await _newest(tx, actor, Action.SEE_RECORDS, within, limit, before)


async def of_home(tx: Tx, actor: Actor, home_id: str, first: date, last: date, limit: int) -> list[Saved]:
    """A home's current records of those days, as far as they are in reach, by the day they happened, latest first."""
    here = (records.c.home_id == home_id, records.c.status == "current", records.c.happened_on.between(first, last))
    within = records_in_reach(actor, Action.SEE_RECORDS)
    order = (records.c.happened_on.desc(), records.c.created_at.desc(), records.c.id)
    rows = await tx.rows(_ROWS.where(*here, within).order_by(*order).limit(limit))
    return await _read(tx, actor, Action.SEE_RECORDS, rows)


async def of_child(tx: Tx, actor: Actor, child_id: str, limit: int) -> list[Saved]:
    """A child's records, by the day they happened, latest first. Refusal when the child is out of reach.

    That a closed circle met at all is known only to who may see the records of the home, or wrote it. A record that was
    moved to another child leaves its trace: a superseded version.
    """
    await child(tx, actor, Action.SEE_CHILD, child_id)
    about = records.c.id.in_(select(record_children.c.record_id).where(record_children.c.child_id == child_id))
    circles = [kind for kind, record in KINDS.items() if record.circle]
    known = or_(records.c.author_id == actor.person_id, records_in_reach(actor, Action.SEE_RECORDS))
    later, its_children = records.alias(), record_children.alias()
    still = (
        select(later.c.id)
        .join(its_children, its_children.c.record_id == later.c.id)
        .where(later.c.supersedes == records.c.id, its_children.c.child_id == child_id)
    )
    moved = and_(records.c.status == "superseded", ~still.exists())
    counts = or_(records.c.status == "current", moved)
    seen = and_(counts, about, or_(records.c.kind.not_in(circles), known))
    order = (records.c.happened_on.desc(), records.c.created_at.desc(), records.c.id)
    return await _read(tx, actor, Action.SEE_CHILD, await tx.rows(_ROWS.where(seen).order_by(*order).limit(limit)))


async def one(tx: Tx, actor: Actor, record_id: str) -> Saved:
    """Refusal when it is neither the actor's own nor in reach."""
    own = records.c.author_id == actor.person_id
    ways = ((Action.SEE_RECORDS, records.c.id.is_not(None)), (Action.SEE_OWN_RECORDS, own))
    for action, condition in ways:
        if may(actor, action):
            here = (records.c.id == record_id, condition, records_in_reach(actor, action))
            found = await _read(tx, actor, action, await tx.rows(_ROWS.where(*here)))
            if found:
                return found[0]
    raise Refusal(reason="no such record in reach")


async def about(tx: Tx, actor: Actor, ids: Collection[str]) -> Mapping[str, tuple[Child, ...]]:
    """Whom these records are about, by their ids, as far as the actor may see."""
    return await _about(tx, actor, Action.SEE_RECORDS, ids)


async def history(tx: Tx, actor: Actor, record_id: str) -> list[Saved]:
    """All versions of a record, the newest first; Refusal for whom `one` refuses."""
    versions = [await one(tx, actor, record_id)]
    while (old := versions[-1].supersedes) is not None:
        versions += await _versions(tx, actor, records.c.id == old)
        if versions[-1].id != old:
            break
    return versions


async def _versions(tx: Tx, actor: Actor, which: ColumnElement[bool]) -> list[Saved]:
    return await _read(tx, actor, Action.SEE_OWN_RECORDS, await tx.rows(_ROWS.where(which)))


async def newest_version(tx: Tx, record_id: str) -> str:
    """The id of the version that counts now, following corrections from this one."""
    while row := await tx.row(select(records.c.id).where(records.c.supersedes == record_id)):
        record_id = row.id
    return record_id


async def withdraw(tx: Tx, record_id: str) -> bool:
    """Take it back: it counts no more, and stays. Whether it was current."""
    here = (records.c.id == record_id, records.c.status == "current")
    return bool(await tx.run(update(records).where(*here).values(status="withdrawn")))


async def last_contact(tx: Tx, author_id: str, child_id: str, *, but: str = "") -> date | None:
    """The day on which this volunteer, or who stood in for them, last reached this child, as the current entries say;
    one record left out."""
    entries = (
        select(records.c.id, records.c.kind, records.c.happened_on, records.c.body)
        .join(record_children, record_children.c.record_id == records.c.id)
        .where(record_children.c.child_id == child_id, or_(records.c.author_id == author_id, stood_in(author_id)))
        .where(records.c.status == "current")
        .where(records.c.kind == ContactEntry.kind, records.c.id != but)
        .order_by(records.c.happened_on.desc())
    )
    for row in await tx.rows(entries):
        if ContactEntry.model_validate_json(tx.vault.open(row.body, _where(row.id))).made:
            return date.fromisoformat(str(row.happened_on))
    return None


_ROWS = (
    select(*(records.c[name] for name in (*_COLUMNS, "body")), homes.c.name.label("home_name"), people.c.name)
    .join(homes, homes.c.id == records.c.home_id)
    .join(people, people.c.id == records.c.author_id)
)


async def _newest(
    tx: Tx, actor: Actor, action: Action, within: ColumnElement[bool], limit: int, before: datetime | None
) -> list[Saved]:
    rows = _ROWS.where(records.c.status == "current", within).limit(limit)
    if before is not None:
        rows = rows.where(records.c.created_at < before)
    return await _read(tx, actor, action, await tx.rows(rows.order_by(records.c.created_at.desc(), records.c.id)))


async def _read(tx: Tx, actor: Actor, action: Action, rows: Sequence[Row[Any]]) -> list[Saved]:
    ids = [row.id for row in rows]
    all_children = await _children(tx, ids)
    about = await _about(tx, actor, action, ids)
    inside = await _inside(tx, actor, rows)
    return [_saved(tx, row, all_children.get(row.id, ()), about.get(row.id, ()), row.id in inside) for row in rows]


async def _children(tx: Tx, ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    bonds = select(record_children).where(record_children.c.record_id.in_(ids)).order_by(record_children.c.child_id)
    return _grouped((row.record_id, row.child_id) for row in await tx.rows(bonds)) if ids else {}


async def _about(tx: Tx, actor: Actor, action: Action, ids: Collection[str]) -> Mapping[str, tuple[Child, ...]]:
    """Of each record the children whom the actor may see."""
    if not ids:
        return {}
    seen = (
        select(record_children.c.record_id, child_table, homes.c.name.label("home_name"))
        .join(child_table, child_table.c.id == record_children.c.child_id)
        .join(homes, homes.c.id == child_table.c.home_id)
        .where(record_children.c.record_id.in_(ids), in_reach(actor, action))
        .order_by(child_table.c.code)
    )
    return _grouped((row.record_id, read_child(tx, row)) for row in await tx.rows(seen))


async def _inside(tx: Tx, actor: Actor, rows: Sequence[Row[Any]]) -> set[str]:
    """The records whose words the actor may read."""
    readable = {row.id for row in rows if not KINDS[row.kind].circle or row.author_id == actor.person_id}
    closed = [row.id for row in rows if row.id not in readable]
    if closed and may(actor, Action.SEE_TALK_NOTES):
        allowed = (records.c.id.in_(closed), records_wholly_in_reach(actor, Action.SEE_TALK_NOTES))
        readable |= {row.id for row in await tx.rows(select(records.c.id).where(*allowed))}
    return readable


def _grouped(pairs: Iterable[tuple[str, V]]) -> dict[str, tuple[V, ...]]:
    found: defaultdict[str, list[V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


def _saved(tx: Tx, row: Row[Any], children: tuple[str, ...], about: tuple[Child, ...], inside: bool) -> Saved:
    body = KINDS[row.kind].model_validate_json(tx.vault.open(row.body, _where(row.id)))
    return Saved(
        **{name: getattr(row, name) for name in _COLUMNS},
        body=body if inside else without_words(body),
        children=children,
        home_name=row.home_name,
        author_name=tx.vault.open(row.name, f"people.name:{row.author_id}").decode(),
        about=about,
        closed=not inside,
    )


def without_words(body: Record) -> Record:
    """The same record without what anybody wrote, photographed or said: choices, days and numbers stay."""
    kept = set(body.about)
    told = {
        name: field.get_default()
        for name, field in type(body).model_fields.items()
        if not field.is_required() and _is_words(getattr(body, name), kept)
    }
    return body.model_copy(update=told)


def _is_words(value: Any, ids: Collection[str]) -> bool:
    if isinstance(value, tuple):
        return any(_is_words(part, ids) for part in value)
    return isinstance(value, Media) or (isinstance(value, str) and not isinstance(value, Enum) and value not in ids)


def _row(tx: Tx, one: Saved) -> tuple[Any, ...]:
    sealed = tx.vault.seal(one.body.model_dump_json(exclude_none=True), _where(one.id))
    return (*_told(one), sealed)


def _where(id: str) -> str:
    return f"records.body:{id}"
