"""Every stored visit paid for two indexes that hardly anything asked: who did what is asked only of reports that were
opened, and a person's finished conversations are found by their records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    seen = sa.text("action = 'report.see'")
    op.create_index(
        "ix_audit_reports_seen", "audit", ["object_id", "at"], unique=False, sqlite_where=seen, postgresql_where=seen
    )
    op.drop_index("ix_audit_actor_id", table_name="audit")
    op.drop_index("ix_conversations_done", table_name="conversations")
