"""The schema, one for SQLite and PostgreSQL. What people said, their names and numbers are sealed (`storage.vault`)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TextClause,
    TypeDecorator,
    UniqueConstraint,
    literal_column,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. SQLite would give it back naive; here both databases give back aware UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must know its time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Any:
        """On SQLite in one step rather than two: there are several moments in every row."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _as_moment if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


@lru_cache(512)  # all rows of a batch were made at one moment
def _as_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a moment must know its time zone")
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:26]


def _as_moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


class Plain(TypeDecorator[str]):
    """Text that PostgreSQL takes too: what people type or tap may hold NUL or half a character, which match nothing."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return _clean(value)

    def bind_processor(self, dialect: Dialect) -> Any:
        """Without a step for the plain string below, which on both databases does nothing."""
        return _clean


def _clean(value: str | None) -> str | None:
    if value is None or (value.isascii() and "\0" not in value):
        return value
    return value.replace("\0", "").encode(errors="ignore").decode()


Id = Plain(16)
"""An id made by us (`storage.vault.new_id`): 12 characters of A-Za-z0-9_-."""
Sealed = LargeBinary
Word = Plain(32)
Auto = BigInteger().with_variant(Integer, "sqlite")

homes = Table(
    "homes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Plain(32), nullable=False, unique=True),
    Column("name", Plain(120), nullable=False),
    Column("built_in", Integer),
    Column("room", Word, nullable=False, server_default="none"),
    Column("details", Sealed),
    Column("created_at", UtcDateTime, nullable=False),
)

children = Table(
    "children",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Plain(32), nullable=False, unique=True),
    Column("home_id", Id, ForeignKey("homes.id"), nullable=False, index=True),
    Column("short_name", Sealed, nullable=False),
    Column("full_name", Sealed),
    Column("sex", Word),
    Column("born_on", Date),
    Column("class_name", Plain(40)),
    Column("details", Sealed),
    Column("boarding", Boolean, nullable=False, server_default=text("false")),
    Column("status", Word, nullable=False, server_default="active"),
    Column("joined_on", Date, nullable=False),
    Column("left_on", Date),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_touch_on", Date),
    Column("last_talk_on", Date),
    Index("ix_children_last_touch_on_joined_on", "last_touch_on", "joined_on"),
)

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Plain(32), unique=True),
    Column("name", Sealed, nullable=False),
    Column("phone", Sealed),
    Column("phone_hash", LargeBinary, index=True),
    Column("chat_id", BigInteger, unique=True),
    Column("language", Plain(16)),
    Column("chosen_language", Boolean, nullable=False, server_default=text("false")),
    Column("unreachable_since", UtcDateTime),
    Column("vetted_on", Date),
    Column("trained_on", Date),
    Column("conduct_on", Date),
    Column("details", Sealed),
    Column("created_at", UtcDateTime, nullable=False),
)

roles = Table(
    "roles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("role", Word, nullable=False),
    Column("home_id", Id, ForeignKey("homes.id"), index=True),
    Column("starts_on", Date, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_by", Id),
)

absences = Table(
    "absences",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("deputy_id", Id, ForeignKey("people.id"), index=True),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("set_by", Id, nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_by", Id),
)

pairings = Table(
    "pairings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("child_id", Id, ForeignKey("children.id"), nullable=False, index=True),
    Column("kind", Word, nullable=False, server_default="volunteer"),
    Column("starts_on", Date, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_by", Id),
    Column("rhythm_days", Integer, nullable=False, server_default=text("14")),
    Column("last_contact_on", Date),
    Column("next_contact_on", Date, index=True),
)

guardianships = Table(
    "guardianships",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("child_id", Id, ForeignKey("children.id"), nullable=False, index=True),
    Column("relation", Plain(40), nullable=False),
    Column("legal_guardian", Boolean, nullable=False, server_default=text("false")),
    Column("caregiver", Boolean, nullable=False, server_default=text("false")),
    Column("ended_at", UtcDateTime),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("child_id", Id, ForeignKey("children.id"), nullable=False, index=True),
    Column("purpose", Word, nullable=False),
    Column("given_by", Id, ForeignKey("people.id")),
    Column("way", Word, nullable=False),
    Column("text_version", Word, nullable=False),
    Column("given_on", Date, nullable=False),
    Column("withdrawn_at", UtcDateTime),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("role", Word, nullable=False),
    Column("home_id", Id, ForeignKey("homes.id")),
    Column("child_id", Id, ForeignKey("children.id")),
    Column("person_id", Id, ForeignKey("people.id")),
    Column("expected_name", Sealed, nullable=False),
    Column("needs_confirmation", Boolean, nullable=False),
    Column("invited_by", Id),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("state", Word, nullable=False, server_default="open"),
    Column("used_at", UtcDateTime),
    Column("used_by_chat", BigInteger),
    Column("used_by_name", Sealed),
    Column("used_by_language", Plain(16)),
    Column("decided_by", Id),
    Column("decided_at", UtcDateTime),
)

strangers = Table(
    "strangers",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("answered_at", UtcDateTime),
    Column("tried_at", UtcDateTime),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("language", Plain(16)),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("flow", Word, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Word, nullable=False),
    Column("body", Sealed, nullable=False),
    Column("card_id", Id),
    Column("record_id", Id),
    Column("started_at", UtcDateTime, nullable=False),
    Column("touched_at", UtcDateTime, nullable=False),
    Column("reminded_at", UtcDateTime),
    Column("offered_at", UtcDateTime),
)

cards = Table(
    "cards",
    metadata,
    Column("id", Id, primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("kind", Word, nullable=False),
    Column("message_id", BigInteger),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_cards_kind_created_at", "kind", "created_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Auto, primary_key=True, autoincrement=True),
    Column("key", Plain(160), nullable=False, unique=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("person_id", Id),
    Column("verb", Word, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("card_id", Id),
    Column("body", Sealed, nullable=False),
    Column("about", Plain(64)),
    Column("needs", Word),
    Column("created_at", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("state", Word, nullable=False, server_default="queued"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("error", Plain(200)),
    Column("message_id", BigInteger),
    Column("done_at", UtcDateTime),
    Index("ix_outbox_about", "about"),
    Index("ix_outbox_card_id", "card_id"),
)

updates = Table(
    "updates",
    metadata,
    Column("channel", Plain(32), primary_key=True),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("received_at", UtcDateTime, nullable=False, index=True),
    Column("state", Word, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("error", Plain(200)),
    Column("body", Sealed),
)

records = Table(
    "records",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Plain(8), nullable=False),
    Column("kind", Word, nullable=False),
    Column("home_id", Id, ForeignKey("homes.id"), nullable=False),
    Column("author_id", Id, ForeignKey("people.id"), nullable=False),
    Column("happened_on", Date, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("supersedes", Id),
    Column("status", Word, nullable=False, server_default="current"),
    Column("concern", Word, nullable=False, server_default="none"),
    Column("conversation_id", Id, unique=True),
    Column("body", Sealed, nullable=False),
    Index("ix_records_home_id_happened_on", "home_id", "happened_on"),
    Index("ix_records_author_id_created_at", "author_id", "created_at"),
    Index("ix_records_created_at", "created_at"),
)

record_children = Table(
    "record_children",
    metadata,
    Column("record_id", Id, ForeignKey("records.id"), primary_key=True),
    Column("child_id", Id, ForeignKey("children.id"), primary_key=True, index=True),
)

notices = Table(
    "notices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Plain(8), nullable=False),
    Column("topic", Plain(64), unique=True),
    Column("author_id", Id, ForeignKey("people.id")),
    Column("state", Word, nullable=False),
    Column("emergency", Boolean, nullable=False, server_default=text("false")),
    Column("body", Sealed, nullable=False),
    Column("rounds", Integer, nullable=False, server_default=text("0")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("send_at", UtcDateTime, nullable=False),
    Column("touched_at", UtcDateTime),
    Column("shown_at", UtcDateTime, nullable=False),
    Column("shown", Plain(64)),
    Index("ix_notices_state_send_at", "state", "send_at"),
    Index("ix_notices_created_at", "created_at"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("notice_id", Id, ForeignKey("notices.id"), primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True, index=True),
    Column("home_id", Id, ForeignKey("homes.id")),
    Column("state", Word, nullable=False),
    Column("key", Plain(160)),
    Column("error", Plain(200)),
    Column("acknowledged_at", UtcDateTime),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Word, nullable=False),
    Column("body", Sealed, nullable=False),
    Column("state", Word, nullable=False, server_default="queued"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("not_before", UtcDateTime, nullable=False),
    Column("error", Plain(200)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Index("ix_jobs_state_not_before", "state", "not_before"),
)

ticks = Table(
    "ticks",
    metadata,
    Column("rule", Plain(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Auto, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("actor_id", Plain(32), nullable=False),
    Column("action", Plain(64), nullable=False),
    Column("object_kind", Word, nullable=False),
    Column("object_id", Plain(64), nullable=False),
    Column("outcome", Word, nullable=False),
    Column("detail", Plain(200)),
)

nudges = Table(
    "nudges",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Plain(200), nullable=False, unique=True),
    Column("owed", Plain(120), nullable=False, index=True),
    Column("person_id", Id, nullable=False, index=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("latest", UtcDateTime, nullable=False),
    Column("needs", Word, nullable=False),
    Column("free", Boolean, nullable=False),
    Column("state", Word, nullable=False),
    Column("said_at", UtcDateTime),
    Column("body", Sealed, nullable=False),
    Column("absence_id", Id, index=True),
    Column("digest", Plain(160), index=True),
)

excuses = Table(
    "excuses",
    metadata,
    Column("owed", Plain(120), primary_key=True),
    Column("kind", Word, nullable=False),
    Column("reason", Sealed),
    Column("by", Id, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

check_ins = Table(
    "check_ins",
    metadata,
    Column("id", Id, primary_key=True),
    Column("child_id", Id, ForeignKey("children.id"), nullable=False),
    Column("home_id", Id, ForeignKey("homes.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("state", Word, nullable=False),
    Column("listed", Boolean, nullable=False, server_default=text("false")),
    Column("asked_at", UtcDateTime),
    Column("place", Integer, nullable=False, server_default=text("0")),
    Column("next_at", UtcDateTime, index=True),
    Column("answer", Word),
    Column("way", Word),
    Column("answered_at", UtcDateTime),
    Column("answered_by", Id),
    Column("said_id", Id, index=True),
    Column("concern_id", Id, index=True),
    Column("closed_at", UtcDateTime),
    Column("closed_by", Id),
    UniqueConstraint("child_id", "day"),
    Index("ix_check_ins_home_id_day", "home_id", "day"),
)

check_in_asks = Table(
    "check_in_asks",
    metadata,
    Column("check_in_id", Id, ForeignKey("check_ins.id"), primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("key", Plain(160), nullable=False),
    Index("ix_check_in_asks_person_id", "person_id"),
)

check_in_told = Table(
    "check_in_told",
    metadata,
    Column("check_in_id", Id, ForeignKey("check_ins.id"), primary_key=True),
    Column("rung", Word, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("about", Plain(64), nullable=False, index=True),
)

check_in_steps = Table(
    "check_in_steps",
    metadata,
    Column("id", Id, primary_key=True),
    Column("check_in_id", Id, ForeignKey("check_ins.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Id),
    Column("kind", Word, nullable=False),
    Column("way", Word),
)

said = Table(
    "said",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("quiet", Boolean, nullable=False, server_default=text("false")),
    Column("body", Sealed, nullable=False),
    Column("heard_at", UtcDateTime, index=True),
    Column("heard_by", Id),
)

said_children = Table(
    "said_children",
    metadata,
    Column("said_id", Id, ForeignKey("said.id"), primary_key=True),
    Column("child_id", Id, ForeignKey("children.id"), primary_key=True, index=True),
)

concerns = Table(
    "concerns",
    metadata,
    Column("id", Id, primary_key=True),
    Column("home_id", Id, ForeignKey("homes.id"), nullable=False, index=True),
    Column("level", Word, nullable=False),
    Column("lane", Word, nullable=False, server_default="open"),
    Column("source_kind", Word, nullable=False),
    Column("source_id", Id, index=True),
    Column("opened_by", Id),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("excluded_id", Id),
    Column("next_at", UtcDateTime, index=True),
    Column("owner_id", Id),
    Column("owned_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("closed_by", Id),
    Column("why", Word),
    Index("ix_concerns_closed_at_level", "closed_at", "level"),
)

concern_children = Table(
    "concern_children",
    metadata,
    Column("concern_id", Id, ForeignKey("concerns.id"), primary_key=True),
    Column("child_id", Id, ForeignKey("children.id"), primary_key=True, index=True),
)

concern_steps = Table(
    "concern_steps",
    metadata,
    Column("id", Id, primary_key=True),
    Column("concern_id", Id, ForeignKey("concerns.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Id),
    Column("kind", Word, nullable=False),
    Column("words", Sealed),
)

monthly_reports = Table(
    "monthly_reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("home_id", Id, ForeignKey("homes.id"), nullable=False),
    Column("period", Date, nullable=False),
    Column("state", Word, nullable=False),
    Column("body", Sealed, nullable=False),
    Column("prepared_by", Id),
    Column("submitted_by", Id),
    Column("submitted_at", UtcDateTime),
    Column("first_submitted_on", Date),
    Column("decided_by", Id),
    Column("decided_at", UtcDateTime),
    Column("paper_at", UtcDateTime),
    Column("paper_by", Id),
    Column("version", Integer, nullable=False, server_default=text("1")),
    UniqueConstraint("home_id", "period"),
    Index("ix_monthly_reports_period_state", "period", "state"),
)

info_items = Table(
    "info_items",
    metadata,
    Column("id", Id, primary_key=True),
    Column("home_id", Id, ForeignKey("homes.id"), nullable=False),
    Column("period", Date, nullable=False),
    Column("record_id", Id),
    Column("author_id", Id, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("body", Sealed, nullable=False),
    Column("removed_at", UtcDateTime),
    Index("ix_info_items_home_id_period", "home_id", "period"),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Sealed, nullable=False),
    Column("content", Sealed, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record_id", Id, nullable=False, index=True),
    Column("home_id", Id, ForeignKey("homes.id"), nullable=False),
    Column("owner_id", Id, ForeignKey("people.id"), nullable=False),
    Column("due_on", Date, nullable=False, index=True),
    Column("done_at", UtcDateTime),
    Column("done_by", Id),
    Column("words", Sealed),
    Column("done_on", Date),
)

calendar_overrides = Table(
    "calendar_overrides",
    metadata,
    Column("id", Id, primary_key=True),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("change", Word, nullable=False),
    Column("name", Plain(200), nullable=False),
    Column("set_by", Id, nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
    Column("ended_by", Id),
    Column("ended_at", UtcDateTime),
)

settings = Table(
    "settings",
    metadata,
    Column("name", Plain(64), primary_key=True),
    Column("value", Plain(400), nullable=False),
)

QUEUED = text("state = 'queued'")
"""What the courier looks through. Its statements name the state literally, so that the indexes below serve them."""

HELD = text("length(body) > 0")
NUMBERED = text("message_id IS NOT NULL")
OPEN_INVITATION = text("state = 'open'")
UNFINISHED = text("state = 'open'")
REPORT_SEEN = text("action = 'report.see'")
NOTICED = text("state = 'sent' AND needs = 'notice.get'")
NOT_ACKNOWLEDGED = text("acknowledged_at IS NULL")
ACTIVITY = text("kind = 'activity'")
COORDINATING = text("role = 'coordinator'")
AWAY = text("ended_at IS NULL")
HERE = text("status = 'active'")
ACTIVE: ColumnElement[str] = literal_column("'active'")
"""The status of a child who is here, said literally: since an index depends on it, SQLite would plan a statement that
brings it along as a value anew each time."""
KEPT = text("state = 'folded'")
"""Nudges that wait for a digest. Of all states only this one has an index: SQLite would take one of 'said' for all
that was ever said."""
IN_DIGEST = text("digest IS NOT NULL")


def _only(name: str, column: Column[Any], condition: TextClause, *more: Column[Any]) -> Index:
    """An index of the rows that meet the condition, which a statement repeats to the letter."""
    return Index(name, column, *more, sqlite_where=condition, postgresql_where=condition)


FEW = (
    _only("ix_outbox_queued_priority", outbox.c.priority, QUEUED, outbox.c.id),
    _only("ix_outbox_queued_chat_id", outbox.c.chat_id, QUEUED, outbox.c.id),
    _only("ix_outbox_noticed", outbox.c.done_at, NOTICED),
    _only("ix_cards_numbered", cards.c.chat_id, NUMBERED, cards.c.message_id),
    _only("ix_conversations_open", conversations.c.chat_id, UNFINISHED),
    _only("ix_conversations_unfinished", conversations.c.touched_at, UNFINISHED),
    _only("ix_conversations_held", conversations.c.touched_at, HELD),
    _only("ix_invitations_open", invitations.c.expires_at, OPEN_INVITATION),
    _only("ix_receipts_silent", receipts.c.notice_id, NOT_ACKNOWLEDGED),
    _only("ix_records_activities", records.c.happened_on, ACTIVITY),
    _only("ix_audit_reports_seen", audit.c.object_id, REPORT_SEEN, audit.c.at),
    _only("ix_absences_running", absences.c.last_on, AWAY),
    _only("ix_nudges_kept", nudges.c.at, KEPT),
    _only("ix_nudges_in_digests", nudges.c.said_at, IN_DIGEST),
    _only("ix_children_last_talk", children.c.last_talk_on, HERE),
    _only("ix_roles_coordinators", roles.c.role, COORDINATING),
)
"""What a tick, or the courier, looks for among much that is done with."""

UNIQUE_OPEN = (
    Index(
        "uq_pairings_open",
        pairings.c.person_id,
        pairings.c.child_id,
        unique=True,
        sqlite_where=pairings.c.ended_at.is_(None),
        postgresql_where=pairings.c.ended_at.is_(None),
    ),
)
