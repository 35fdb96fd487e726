"""Notices: a text for many, and what became of it with each of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=8), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=True),
        sa.Column("author_id", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("emergency", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("rounds", sa.Integer(), server_default=sa.text("(0)"), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("send_at", MOMENT, nullable=False),
        sa.Column("touched_at", MOMENT, nullable=True),
        sa.Column("shown_at", MOMENT, nullable=False),
        sa.Column("shown", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_notices_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("topic", name=op.f("uq_notices_topic")),
    )
    op.create_index("ix_notices_state_send_at", "notices", ["state", "send_at"], unique=False)
    op.create_index("ix_notices_created_at", "notices", ["created_at"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("notice_id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("home_id", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_receipts_notice_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_receipts_person_id")),
        sa.ForeignKeyConstraint(["home_id"], ["homes.id"], name=op.f("fk_receipts_home_id")),
        sa.PrimaryKeyConstraint("notice_id", "person_id", name=op.f("pk_receipts")),
    )
    op.create_index(op.f("ix_receipts_person_id"), "receipts", ["person_id"], unique=False)
