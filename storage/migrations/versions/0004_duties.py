"""What is owed: nudges, check-ins, concerns, monthly reports, follow-ups; when a contact is due, who was last in
touch."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "excuses",
        sa.Column("owed", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.String(length=16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("owed", name=op.f("pk_excuses")),
    )
    op.create_table(
        "nudges",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("owed", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("latest", MOMENT, nullable=False),
        sa.Column("needs", sa.String(length=32), nullable=False),
        sa.Column("free", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("said_at", MOMENT, nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nudges")),
        sa.UniqueConstraint("key", name=op.f("uq_nudges_key")),
    )
    op.create_index(op.f("ix_nudges_owed"), "nudges", ["owed"], unique=False)
    op.create_index(op.f("ix_nudges_person_id"), "nudges", ["person_id"], unique=False)
    op.create_index(op.f("ix_nudges_state"), "nudges", ["state"], unique=False)
    op.create_table(
        "info_items",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("home_id", sa.String(length=16), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("record_id", sa.String(length=16), nullable=True),
        sa.Column("author_id", sa.String(length=16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["home_id"], ["homes.id"], name=op.f("fk_info_items_home_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_info_items")),
    )
    op.create_index("ix_info_items_home_id_period", "info_items", ["home_id", "period"], unique=False)
    op.create_table(
        "monthly_reports",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("home_id", sa.String(length=16), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("prepared_by", sa.String(length=16), nullable=True),
        sa.Column("submitted_by", sa.String(length=16), nullable=True),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("first_submitted_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(length=16), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("paper_at", MOMENT, nullable=True),
        sa.Column("paper_by", sa.String(length=16), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["home_id"], ["homes.id"], name=op.f("fk_monthly_reports_home_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthly_reports")),
        sa.UniqueConstraint("home_id", "period", name=op.f("uq_monthly_reports_home_id_period")),
    )
    op.create_index("ix_monthly_reports_period_state", "monthly_reports", ["period", "state"], unique=False)
    op.create_table(
        "documents",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_index(op.f("ix_documents_created_at"), "documents", ["created_at"], unique=False)
    op.create_table(
        "check_ins",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("child_id", sa.String(length=16), nullable=False),
        sa.Column("home_id", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("listed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("place", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("answer", sa.String(length=32), nullable=True),
        sa.Column("way", sa.String(length=32), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.String(length=16), nullable=True),
        sa.Column("said_id", sa.String(length=16), nullable=True),
        sa.Column("concern_id", sa.String(length=16), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["children.id"], name=op.f("fk_check_ins_child_id")),
        sa.ForeignKeyConstraint(["home_id"], ["homes.id"], name=op.f("fk_check_ins_home_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
        sa.UniqueConstraint("child_id", "day", name=op.f("uq_check_ins_child_id_day")),
    )
    op.create_index(op.f("ix_check_ins_concern_id"), "check_ins", ["concern_id"], unique=False)
    op.create_index("ix_check_ins_home_id_day", "check_ins", ["home_id", "day"], unique=False)
    op.create_index(op.f("ix_check_ins_next_at"), "check_ins", ["next_at"], unique=False)
    op.create_index(op.f("ix_check_ins_said_id"), "check_ins", ["said_id"], unique=False)
    op.create_table(
        "check_in_asks",
        sa.Column("check_in_id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(["check_in_id"], ["check_ins.id"], name=op.f("fk_check_in_asks_check_in_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_check_in_asks_person_id")),
        sa.PrimaryKeyConstraint("check_in_id", "person_id", name=op.f("pk_check_in_asks")),
    )
    op.create_index("ix_check_in_asks_person_id", "check_in_asks", ["person_id"], unique=False)
    op.create_table(
        "check_in_told",
        sa.Column("check_in_id", sa.String(length=16), nullable=False),
        sa.Column("rung", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["check_in_id"], ["check_ins.id"], name=op.f("fk_check_in_told_check_in_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_check_in_told_person_id")),
        sa.PrimaryKeyConstraint("check_in_id", "rung", "person_id", name=op.f("pk_check_in_told")),
    )
    op.create_index(op.f("ix_check_in_told_about"), "check_in_told", ["about"], unique=False)
    op.create_table(
        "check_in_steps",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("check_in_id", sa.String(length=16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(length=16), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["check_in_id"], ["check_ins.id"], name=op.f("fk_check_in_steps_check_in_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in_steps")),
    )
    op.create_index(op.f("ix_check_in_steps_check_in_id"), "check_in_steps", ["check_in_id"], unique=False)
    op.create_table(
        "said",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("quiet", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("heard_at", MOMENT, nullable=True),
        sa.Column("heard_by", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_said_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_said")),
    )
    op.create_index(op.f("ix_said_heard_at"), "said", ["heard_at"], unique=False)
    op.create_table(
        "said_children",
        sa.Column("said_id", sa.String(length=16), nullable=False),
        sa.Column("child_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["said_id"], ["said.id"], name=op.f("fk_said_children_said_id")),
        sa.ForeignKeyConstraint(["child_id"], ["children.id"], name=op.f("fk_said_children_child_id")),
        sa.PrimaryKeyConstraint("said_id", "child_id", name=op.f("pk_said_children")),
    )
    op.create_index(op.f("ix_said_children_child_id"), "said_children", ["child_id"], unique=False)
    op.create_table(
        "concerns",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("home_id", sa.String(length=16), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("lane", sa.String(length=32), server_default="open", nullable=False),
        sa.Column("source_kind", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.String(length=16), nullable=True),
        sa.Column("opened_by", sa.String(length=16), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("excluded_id", sa.String(length=16), nullable=True),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("owner_id", sa.String(length=16), nullable=True),
        sa.Column("owned_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.String(length=16), nullable=True),
        sa.Column("why", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["home_id"], ["homes.id"], name=op.f("fk_concerns_home_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concerns")),
    )
    op.create_index("ix_concerns_closed_at_level", "concerns", ["closed_at", "level"], unique=False)
    op.create_index(op.f("ix_concerns_home_id"), "concerns", ["home_id"], unique=False)
    op.create_index(op.f("ix_concerns_next_at"), "concerns", ["next_at"], unique=False)
    op.create_index(op.f("ix_concerns_source_id"), "concerns", ["source_id"], unique=False)
    op.create_table(
        "concern_children",
        sa.Column("concern_id", sa.String(length=16), nullable=False),
        sa.Column("child_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["concern_id"], ["concerns.id"], name=op.f("fk_concern_children_concern_id")),
        sa.ForeignKeyConstraint(["child_id"], ["children.id"], name=op.f("fk_concern_children_child_id")),
        sa.PrimaryKeyConstraint("concern_id", "child_id", name=op.f("pk_concern_children")),
    )
    op.create_index(op.f("ix_concern_children_child_id"), "concern_children", ["child_id"], unique=False)
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.String(length=16), nullable=False),
        sa.Column("home_id", sa.String(length=16), nullable=False),
        sa.Column("owner_id", sa.String(length=16), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("done_by", sa.String(length=16), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["home_id"], ["homes.id"], name=op.f("fk_follow_ups_home_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_follow_ups_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_ups")),
    )
    op.create_index(op.f("ix_follow_ups_due_on"), "follow_ups", ["due_on"], unique=False)
    op.create_index(op.f("ix_follow_ups_record_id"), "follow_ups", ["record_id"], unique=False)
    op.create_table(
        "concern_steps",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("concern_id", sa.String(length=16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(length=16), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["concern_id"], ["concerns.id"], name=op.f("fk_concern_steps_concern_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern_steps")),
    )
    op.create_index(op.f("ix_concern_steps_concern_id"), "concern_steps", ["concern_id"], unique=False)
    op.add_column("children", sa.Column("last_touch_on", sa.Date(), nullable=True))
    op.create_index(op.f("ix_children_last_touch_on"), "children", ["last_touch_on"], unique=False)
    op.add_column("pairings", sa.Column("next_contact_on", sa.Date(), nullable=True))
    op.create_index(op.f("ix_pairings_next_contact_on"), "pairings", ["next_contact_on"], unique=False)
    op.add_column("people", sa.Column("away_until", sa.Date(), nullable=True))
    op.add_column("people", sa.Column("deputy_id", sa.String(length=16), nullable=True))
    op.execute(_NEXT_ON[op.get_context().dialect.name])


_NEXT_ON = {
    "sqlite": (
        "UPDATE pairings SET next_contact_on = date(coalesce(last_contact_on, starts_on), rhythm_days || ' days') "
        "WHERE ended_at IS NULL"
    ),
    "postgresql": (
        "UPDATE pairings SET next_contact_on = coalesce(last_contact_on, starts_on) + rhythm_days "
        "WHERE ended_at IS NULL"
    ),
}
