"""Which digest says a nudge, by its key; the day of the last talk with each child; and an index for which unfinished
conversations are found by their chat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("nudges", sa.Column("digest", sa.String(length=160), nullable=True))
    op.create_index(op.f("ix_nudges_digest"), "nudges", ["digest"], unique=False)
    said = sa.text("digest IS NOT NULL")
    op.create_index(
        "ix_nudges_in_digests", "nudges", ["said_at"], unique=False, sqlite_where=said, postgresql_where=said
    )
    op.add_column("children", sa.Column("last_talk_on", sa.Date(), nullable=True))
    here = sa.text("status = 'active'")
    op.create_index(
        "ix_children_last_talk", "children", ["last_talk_on"], unique=False, sqlite_where=here, postgresql_where=here
    )
    op.execute(
        "UPDATE children SET last_talk_on = (SELECT max(records.happened_on) FROM records JOIN record_children "
        "ON record_children.record_id = records.id WHERE record_children.child_id = children.id "
        "AND records.kind = 'talk' AND records.status = 'current')"
    )
    unfinished = sa.text("state = 'open'")
    op.drop_index("ix_conversations_state_touched_at", table_name="conversations")
    op.create_index(
        "ix_conversations_unfinished",
        "conversations",
        ["touched_at"],
        unique=False,
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )
    op.execute(
        "UPDATE nudges SET digest = (SELECT min(outbox.key) FROM outbox WHERE outbox.state = 'queued' "
        "AND outbox.key LIKE 'digest:%' AND outbox.person_id = nudges.person_id "
        "AND outbox.created_at = nudges.said_at) WHERE state = 'said' AND said_at IS NOT NULL"
    )
