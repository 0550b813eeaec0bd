"""what was taken off an event's table is remembered

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

import matchmaker.store.tables.types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_item_removed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", matchmaker.store.tables.types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_item_removed_event_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_event_item_removed_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_item_removed")),
        sa.UniqueConstraint(
            "event_id",
            "subject_kind",
            "subject_id",
            name=op.f("uq_event_item_removed_event_id_subject_kind_subject_id"),
        ),
    )


def downgrade() -> None:
    op.drop_table("event_item_removed")
