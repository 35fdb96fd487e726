"""What a tick looks for is found by what falls due, however much there is besides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_children_last_touch_on", "children")
    op.create_index("ix_children_last_touch_on_joined_on", "children", ["last_touch_on", "joined_on"], unique=False)
    for name, table, column, condition in _PARTIAL:
        where = sa.text(condition)
        op.create_index(name, table, [column], unique=False, sqlite_where=where, postgresql_where=where)


_PARTIAL = (
    ("ix_conversations_held", "conversations", "touched_at", "length(body) > 0"),
    ("ix_invitations_open", "invitations", "expires_at", "state = 'open'"),
    ("ix_outbox_noticed", "outbox", "done_at", "state = 'sent' AND needs = 'notice.get'"),
    ("ix_receipts_silent", "receipts", "notice_id", "acknowledged_at IS NULL"),
    ("ix_records_activities", "records", "happened_on", "kind = 'activity'"),
    ("ix_roles_coordinators", "roles", "role", "role = 'coordinator'"),
)
