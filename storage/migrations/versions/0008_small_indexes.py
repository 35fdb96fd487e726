"""A chat's open and finished conversations, cards that have a number and nudges that wait for a digest are found by
indexes of these alone. Those before held all, and were written anew with every answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_PARTIAL = (
    ("ix_conversations_open", "conversations", ["chat_id"], "state = 'open'"),
    ("ix_conversations_done", "conversations", ["chat_id", "touched_at"], "state = 'done'"),
    ("ix_nudges_kept", "nudges", ["at"], "state = 'folded'"),
    ("ix_cards_numbered", "cards", ["chat_id", "message_id"], "message_id IS NOT NULL"),
)


def upgrade() -> None:
    for name, table, columns, condition in _PARTIAL:
        where = sa.text(condition)
        op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)
    op.drop_index("ix_conversations_chat_id_state", table_name="conversations")
    op.drop_index("ix_cards_chat_id_message_id", table_name="cards")
    op.drop_index("ix_nudges_state", table_name="nudges")
