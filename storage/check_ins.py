"""Check-ins: a row per child and day; whom it was asked, what was answered, how far it has climbed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, and_, bindparam, case, false, func, or_, select, update

from care.access import Action
from care.check_in import LADDER, SILENT, Answer, State, Status, status
from care.children import Child
from care.people import Actor
from storage.children import read_child
from storage.database import Tx
from storage.scope import in_reach
from storage.tables import check_in_asks as asks
from storage.tables import check_in_steps as steps
from storage.tables import check_in_told as told_table
from storage.tables import check_ins, children, guardianships, homes, outbox
from storage.vault import new_id

_SILENT = tuple(state.value for state in SILENT)


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One child on one day. `asked_at` is when the question was sent; `listed`: a caregiver cannot be asked here.

    `place` and `next_at` say which rung of the ladder comes next, and when.
    """

    id: str
    child: Child
    day: date
    state: State
    listed: bool = False
    asked_at: datetime | None = None
    place: int = 0
    next_at: datetime | None = None
    answer: Answer | None = None
    way: str = ""
    answered_at: datetime | None = None
    answered_by: str = ""
    said_id: str = ""
    concern_id: str = ""
    closed_at: datetime | None = None

    @property
    def silent(self) -> bool:
        return self.state in SILENT

    @property
    def to_do(self) -> bool:
        """Answered with what an adult has yet to close."""
        return self.answer not in (None, Answer.WELL) and self.closed_at is None

    @property
    def status(self) -> Status:
        return status(self.state, self.answer, self.closed_at is not None, self.listed)

    @property
    def since(self) -> datetime | None:
        """The moment from which the ladder counts: the question, or the answer that asks for somebody."""
        return self.answered_at if self.to_do else self.asked_at


@dataclass(frozen=True, slots=True)
class New:
    """A check-in to begin."""

    child_id: str
    home_id: str
    day: date
    state: State
    listed: bool = False
    asked_at: datetime | None = None
    place: int = 0
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of the messages that ask about a check-in: when the first was sent; whether any still waits, or
    came too late."""

    sent_at: datetime | None
    waiting: bool
    expired: bool


async def begin(tx: Tx, many: Sequence[New]) -> dict[str, str]:
    """The ids of the new ones, by child; a child that has one on that day keeps it."""
    if not many:
        return {}
    rows = [{name: getattr(one, name) for name in New.__slots__} | {"id": new_id()} for one in many]
    insert = tx.insert(check_ins).on_conflict_do_nothing().returning(check_ins.c.child_id, check_ins.c.id)
    return {row.child_id: row.id for row in await tx.rows(insert, rows)}


async def note_asks(tx: Tx, many: Iterable[tuple[str, str, str]]) -> None:
    """(check-in id, person id, key of the message): whom it was asked."""
    rows = [{"check_in_id": id, "person_id": person, "key": key} for id, person, key in many]
    if rows:
        await tx.run(tx.insert(asks).on_conflict_do_nothing(), rows)


async def asked(tx: Tx, ids: Collection[str]) -> dict[str, set[str]]:
    """Whom each was asked so far."""
    found: dict[str, set[str]] = {}
    if ids:
        for row in await tx.rows(select(asks.c.check_in_id, asks.c.person_id).where(asks.c.check_in_id.in_(ids))):
            found.setdefault(row.check_in_id, set()).add(row.person_id)
    return found


async def asked_on(tx: Tx, ids: Collection[str]) -> set[tuple[date, str]]:
    """(day, person) of everybody who was asked about one of these."""
    if not ids:
        return set()
    known = select(check_ins.c.day, asks.c.person_id).join(check_ins, check_ins.c.id == asks.c.check_in_id)
    return {(_day(row.day), row.person_id) for row in await tx.rows(known.where(asks.c.check_in_id.in_(ids)))}


async def sending(tx: Tx, ids: Collection[str]) -> dict[str, Sending]:
    if not ids:
        return {}
    looked = (
        select(asks.c.check_in_id, outbox.c.state, func.min(outbox.c.done_at).label("at"))
        .join(outbox, outbox.c.key == asks.c.key)
        .where(asks.c.check_in_id.in_(ids))
        .group_by(asks.c.check_in_id, outbox.c.state)
    )
    found: dict[str, dict[str, datetime | None]] = {}
    for row in await tx.rows(looked):
        found.setdefault(row.check_in_id, {})[row.state] = row.at
    return {
        id: Sending(states.get("sent"), not states.keys().isdisjoint(("queued", "sending")), "expired" in states)
        for id, states in found.items()
    }


async def due(tx: Tx, now: datetime, most: int) -> list[CheckIn]:
    """Those that have something to say, or to be looked at, by now; so many at most."""
    return await _read(tx, check_ins.c.next_at <= now, most=most)


async def held_until(tx: Tx, many: Sequence[CheckIn]) -> dict[str, datetime]:
    """By check-in: the moment at which the newest older question about the same child was sent, if that one still
    climbs."""
    if not many:
        return {}
    older, newer = check_ins.alias("older"), check_ins.alias("newer")
    found = (
        select(newer.c.id, func.max(older.c.asked_at).label("at"))
        .join(older, and_(older.c.child_id == newer.c.child_id, older.c.day < newer.c.day))
        .where(newer.c.id.in_([one.id for one in many]), older.c.state.in_(_SILENT), older.c.asked_at.is_not(None))
        .group_by(newer.c.id)
    )
    return {row.id: row.at for row in await tx.rows(found)}


_CLIMB = (
    update(check_ins)
    .where(check_ins.c.id == bindparam("which"))
    .values({name: bindparam(f"new_{name}", type_=check_ins.c[name].type) for name in ("state", "place", "next_at")})
)


async def move(tx: Tx, many: Sequence[tuple[str, State, int, datetime | None]]) -> None:
    """(id, state, place, next_at) of each."""
    if many:
        names = ("which", "new_state", "new_place", "new_next_at")
        await tx.run(_CLIMB, [dict(zip(names, one, strict=True)) for one in many])


async def sent(tx: Tx, many: Mapping[str, datetime]) -> None:
    """When each was asked."""
    if many:
        known = update(check_ins).where(check_ins.c.id == bindparam("which"))
        rows = [{"which": id, "at": at} for id, at in many.items()]
        await tx.run(known.values(asked_at=bindparam("at", type_=check_ins.c.asked_at.type)), rows)


async def put_on_list(tx: Tx, ids: Collection[str]) -> None:
    """The family cannot be asked here after all: the teacher calls."""
    if ids:
        await tx.run(update(check_ins).where(check_ins.c.id.in_(ids)).values(listed=True))


async def still_to_call(tx: Tx, ids: Collection[str]) -> set[str]:
    """Those whose family still waits for a call."""
    if not ids:
        return set()
    waits = (check_ins.c.id.in_(ids), check_ins.c.answer == Answer.CALL.value, check_ins.c.closed_at.is_(None))
    return {row.id for row in await tx.rows(select(check_ins.c.id).where(*waits))}


# --- who was told


async def note_told(tx: Tx, many: Iterable[tuple[str, str, str, str]]) -> None:
    """(check-in id, rung, person id, what the message is about): each once."""
    rows = [{"check_in_id": id, "rung": rung, "person_id": who, "about": about} for id, rung, who, about in many]
    if rows:
        await tx.run(tx.insert(told_table).on_conflict_do_nothing(), rows)


async def told(tx: Tx, ids: Collection[str], rung: str) -> set[tuple[str, str]]:
    """(check-in id, person id) of those who were told at this rung."""
    here = (told_table.c.check_in_id.in_(ids), told_table.c.rung == rung)
    rows = await tx.rows(select(told_table.c.check_in_id, told_table.c.person_id).where(*here)) if ids else ()
    return {(row.check_in_id, row.person_id) for row in rows}


async def abouts(tx: Tx, ids: Collection[str]) -> set[str]:
    """The messages to adults that name one of these."""
    rows = await tx.rows(select(told_table.c.about).where(told_table.c.check_in_id.in_(ids))) if ids else ()
    return {row.about for row in rows}


async def untell(tx: Tx, about: str, but: Collection[str], now: datetime) -> None:
    """A message that was never sent is taken apart: those it named, but for these, are told of anew."""
    rows = await tx.rows(select(told_table.c.check_in_id, told_table.c.rung).where(told_table.c.about == about))
    await tx.run(told_table.delete().where(told_table.c.about == about))
    again = [row.check_in_id for row in rows if row.check_in_id not in but]
    if again:
        place = next(place for place, step in enumerate(LADDER) if step.rung == rows[0].rung)
        here = (check_ins.c.id.in_(again), or_(check_ins.c.state.in_(_SILENT), _TO_DO))
        await tx.run(update(check_ins).where(*here).values(next_at=now, place=place))


async def unsettled_abouts(tx: Tx, about: Collection[str]) -> set[str]:
    """Of these messages to adults those of which every child still waits."""
    if not about:
        return set()
    waits = or_(check_ins.c.state.in_(_SILENT), _TO_DO)
    rows = await tx.rows(
        select(told_table.c.about, func.count().label("all"), func.count().filter(waits).label("open"))
        .join(check_ins, check_ins.c.id == told_table.c.check_in_id)
        .where(told_table.c.about.in_(about))
        .group_by(told_table.c.about)
    )
    return {row.about for row in rows if row.all == row.open}


async def asked_in_vain(tx: Tx, days_people: Collection[tuple[date, str]]) -> set[tuple[date, str]]:
    """Of these (day, guardian) those who are still to be asked: a child they were asked about is unanswered, and each
    of the children is still theirs."""
    if not days_people:
        return set()
    theirs = and_(
        guardianships.c.person_id == asks.c.person_id,
        guardianships.c.child_id == check_ins.c.child_id,
        guardianships.c.ended_at.is_(None),
    )
    rows = await tx.rows(
        select(
            check_ins.c.day,
            asks.c.person_id,
            func.count(check_ins.c.id.distinct()).label("all"),
            func.count(check_ins.c.id.distinct()).filter(guardianships.c.id.is_not(None)).label("theirs"),
            func.count(check_ins.c.id.distinct()).filter(check_ins.c.state.in_(_SILENT)).label("open"),
        )
        .join(check_ins, check_ins.c.id == asks.c.check_in_id)
        .outerjoin(guardianships, theirs)
        .where(asks.c.person_id.in_({who for _, who in days_people}))
        .where(check_ins.c.day.in_({day for day, _ in days_people}))
        .group_by(check_ins.c.day, asks.c.person_id)
    )
    return {(_day(row.day), row.person_id) for row in rows if row.open and row.all == row.theirs}


# --- answers


async def latest(tx: Tx, child_ids: Collection[str]) -> dict[str, list[CheckIn]]:
    """By child: its check-ins of late, the newest first."""
    if not child_ids:
        return {}
    rank = func.row_number().over(partition_by=check_ins.c.child_id, order_by=check_ins.c.day.desc())
    ranked = select(check_ins.c.id, rank.label("rank")).where(check_ins.c.child_id.in_(child_ids)).subquery()
    recent = select(ranked.c.id).where(ranked.c.rank <= 4)
    found: dict[str, list[CheckIn]] = {}
    for one in await _read(tx, check_ins.c.id.in_(recent)):
        found.setdefault(one.child.id, []).insert(0, one)
    return found


async def asked_of(tx: Tx, person_id: str, day: date) -> list[CheckIn]:
    """Those that this person was asked about on that day."""
    theirs = select(asks.c.check_in_id).where(asks.c.person_id == person_id)
    return await _read(tx, check_ins.c.id.in_(theirs), check_ins.c.day == day)


async def is_ask(tx: Tx, person_id: str, chat_id: int, message_id: int) -> bool:
    """Whether this message of the chat asked the person for a check-in."""
    here = (asks.c.person_id == person_id, outbox.c.chat_id == chat_id, outbox.c.message_id == message_id)
    return await tx.row(select(outbox.c.id).join(asks, asks.c.key == outbox.c.key).where(*here)) is not None


async def answer(
    tx: Tx,
    ids: Collection[str],
    said: Answer,
    *,
    way: str,
    by: str,
    now: datetime,
    place: int = 0,
    next_at: datetime | None = None,
    said_id: str | None = None,
) -> None:
    """What a family said about these children, by `way`: tap, words, phone, door. Who answers before it was seen that
    the question went out was asked just now."""
    values = {
        "state": State.ANSWERED.value,
        "asked_at": case((check_ins.c.state == State.ASKING.value, _moment(now)), else_=check_ins.c.asked_at),
        "answer": said.value,
        "way": way,
        "answered_at": now,
        "answered_by": by,
        "place": place,
        "next_at": next_at,
        "said_id": said_id,
        "closed_at": None,
        "closed_by": None,
    }
    await tx.run(update(check_ins).where(check_ins.c.id.in_(ids)).values(values))
    await step(tx, ids, said.value, way, by, now)


def _moment(moment: datetime) -> BindParameter[datetime]:
    return bindparam(None, moment, type_=check_ins.c.asked_at.type)


async def link(tx: Tx, ids: Collection[str], concern_id: str) -> None:
    """This concern came of them: with it they are closed."""
    await tx.run(update(check_ins).where(check_ins.c.id.in_(ids)).values(concern_id=concern_id))


async def step(tx: Tx, ids: Collection[str], kind: str, way: str, by: str, now: datetime) -> None:
    """A line of what was done about each."""
    rows = [{"id": new_id(), "check_in_id": id, "at": now, "by": by, "kind": kind, "way": way} for id in ids]
    if rows:
        await tx.run(steps.insert(), rows)


async def close_older(tx: Tx, ids: Collection[str], now: datetime) -> None:
    """Silent ones that a newer answer has answered too."""
    if ids:
        later = {"state": State.LATER.value, "next_at": None, "answered_at": now}
        await tx.run(update(check_ins).where(check_ins.c.id.in_(ids)).values(later))


async def drop(tx: Tx, ids: Collection[str]) -> None:
    """The family is not asked any more: these count as not asked."""
    if ids:
        dropped = {"state": State.NOT_ASKED.value, "next_at": None, "listed": False}
        await tx.run(update(check_ins).where(check_ins.c.id.in_(ids)).values(dropped))


async def close(tx: Tx, ids: Collection[str], kind: str, by: str, now: datetime) -> None:
    """An adult has seen to it."""
    done = {"closed_at": now, "closed_by": by, "next_at": None}
    await tx.run(update(check_ins).where(check_ins.c.id.in_(ids), check_ins.c.closed_at.is_(None)).values(done))
    await step(tx, ids, kind, "", by, now)


async def ask_anew(tx: Tx, ids: Collection[str], place: int, next_at: datetime, now: datetime) -> None:
    """The answer was about another child: this one is asked about from now."""
    anew = dict.fromkeys(("answer", "way", "answered_at", "answered_by", "said_id", "concern_id"))
    anew_values = anew | {"state": State.ASKED.value, "asked_at": now, "place": place, "next_at": next_at}
    await tx.run(update(check_ins).where(check_ins.c.id.in_(ids)).values(anew_values))


async def same_answer(tx: Tx, id: str) -> list[CheckIn]:
    """This one and those that were answered with it, in one go."""
    one = await by_id(tx, id)
    if one is None or one.answer is None:
        return []
    alike = (
        check_ins.c.answered_at == one.answered_at,
        check_ins.c.answered_by == one.answered_by,
        check_ins.c.answer == one.answer.value,
    )
    return await _read(tx, *alike)


async def by_id(tx: Tx, id: str) -> CheckIn | None:
    found = await _read(tx, check_ins.c.id == id)
    return found[0] if found else None


async def of_said(tx: Tx, said_id: str) -> list[CheckIn]:
    return await _read(tx, check_ins.c.said_id == said_id)


async def of_concern(tx: Tx, concern_id: str) -> list[CheckIn]:
    return await _read(tx, check_ins.c.concern_id == concern_id)


# --- what those who care for the children see


async def last_day(tx: Tx, actor: Actor, up_to: date) -> date | None:
    """The last day on which families in the actor's reach were asked, or were to be."""
    asked_for = or_(check_ins.c.asked_at.is_not(None), check_ins.c.state != State.ANSWERED.value)
    within = (in_reach(actor, Action.SEE_CHECK_INS), check_ins.c.day <= up_to, asked_for)
    rows = await tx.rows(select(func.max(check_ins.c.day).label("day")).join(children).where(*within))
    return _day(rows[0].day) if rows and rows[0].day else None


@dataclass(frozen=True, slots=True)
class Course:
    """How it went with one check-in, without opening what is sealed."""

    id: str
    home_id: str
    day: date
    state: State
    asked_at: datetime | None
    answered_at: datetime | None


async def courses(tx: Tx, actor: Actor, first: date, last: date) -> list[Course]:
    """Of all children in the actor's reach, in these days."""
    own = (check_ins.c[name] for name in ("id", "day", "state", "asked_at", "answered_at"))
    within = (in_reach(actor, Action.SEE_CHECK_INS), check_ins.c.day.between(first, last))
    rows = await tx.rows(select(children.c.home_id, *own).join(children).where(*within))
    return [Course(row.id, row.home_id, _day(row.day), State(row.state), row.asked_at, row.answered_at) for row in rows]


async def at_a_glance(tx: Tx, actor: Actor, day: date | None, home_id: str = "") -> list[CheckIn]:
    """In the actor's reach, each child once: its check-in of that day, or what of another day still waits for an
    adult. Of one home, if it is named."""
    of_day = check_ins.c.day == day if day else false()
    within = [in_reach(actor, Action.SEE_CHECK_INS), or_(of_day, _TO_DO)]
    found: dict[str, CheckIn] = {}
    for one in await _read(tx, *within, *([check_ins.c.home_id == home_id] if home_id else [])):
        known = found.get(one.child.id)
        if known is None or one.to_do or not known.to_do:
            found[one.child.id] = one
    return sorted(found.values(), key=lambda one: (one.child.home_name, one.child.code))


async def tries(tx: Tx, ids: Collection[str]) -> dict[str, int]:
    """How often somebody tried in vain to reach the family."""
    in_vain = (steps.c.check_in_id.in_(ids), steps.c.kind == "unreached")
    counted = select(steps.c.check_in_id, func.count().label("many")).where(*in_vain).group_by(steps.c.check_in_id)
    return {row.check_in_id: row.many for row in await tx.rows(counted)} if ids else {}


async def seen(tx: Tx, actor: Actor, id: str) -> CheckIn | None:
    found = await _read(tx, in_reach(actor, Action.SEE_CHECK_INS), check_ins.c.id == id)
    return found[0] if found else None


async def to_do(tx: Tx, actor: Actor) -> list[CheckIn]:
    """What waits for somebody in the actor's reach: a call back, or a family that nobody has heard of."""
    waits = or_(_TO_DO, and_(check_ins.c.state.in_(_SILENT), check_ins.c.listed))
    return await _read(tx, in_reach(actor, Action.SEE_CHECK_INS), waits)


_TO_DO: ColumnElement[bool] = and_(
    check_ins.c.answer.is_not(None), check_ins.c.answer != Answer.WELL.value, check_ins.c.closed_at.is_(None)
)


async def _read(tx: Tx, *conditions: ColumnElement[bool], most: int | None = None) -> list[CheckIn]:
    rows = await tx.rows(_ROWS.where(*conditions).limit(most))
    return [_check_in(tx, row) for row in rows]


_COLUMNS = tuple(column for column in check_ins.c if column.name not in ("child_id", "home_id", "closed_by"))
_ROWS = (
    select(
        children.c.id,
        children.c.code,
        children.c.short_name,
        children.c.home_id,
        children.c.class_name,
        children.c.sex,
        children.c.born_on,
        homes.c.name.label("home_name"),
        *(column.label(f"own_{column.name}") for column in _COLUMNS),
    )
    .join(check_ins, check_ins.c.child_id == children.c.id)
    .join(homes, homes.c.id == children.c.home_id)
    .order_by(check_ins.c.day, homes.c.code, children.c.code)
)


def _check_in(tx: Tx, row: Row[Any]) -> CheckIn:
    own = {column.name: getattr(row, f"own_{column.name}") for column in _COLUMNS}
    told_as = {name: own[name] or "" for name in ("way", "answered_by", "said_id", "concern_id")}
    kinds = {"state": State(own["state"]), "answer": Answer.of(own["answer"]) if own["answer"] else None}
    return CheckIn(**(own | told_as | kinds | {"day": _day(own["day"]), "child": read_child(tx, row)}))


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
