"""Who is away, and who stands in; on which day what was promised was done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("deputy_id", sa.String(length=16), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("set_by", sa.String(length=16), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_absences_person_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["people.id"], name=op.f("fk_absences_deputy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_person_id"), "absences", ["person_id"], unique=False)
    op.create_index(op.f("ix_absences_deputy_id"), "absences", ["deputy_id"], unique=False)
    running = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_absences_running", "absences", ["last_on"], unique=False, sqlite_where=running, postgresql_where=running
    )
    op.add_column("nudges", sa.Column("absence_id", sa.String(length=16), nullable=True))
    op.create_index(op.f("ix_nudges_absence_id"), "nudges", ["absence_id"], unique=False)
    op.drop_column("people", "away_until")
    op.drop_column("people", "deputy_id")
    op.add_column("follow_ups", sa.Column("done_on", sa.Date(), nullable=True))
    op.execute(
        "UPDATE follow_ups SET done_on = date(done_at) WHERE done_at IS NOT NULL "
        "AND record_id IN (SELECT id FROM records WHERE status = 'current')"
    )
