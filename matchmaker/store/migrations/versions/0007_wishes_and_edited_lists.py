"""what guests wish for, and pairing lists read back from a workbook

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from matchmaker.store.tables.types import Json, Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invitation", sa.Column("away_slots", Json, server_default="[]", nullable=False))
    op.add_column("invitation", sa.Column("reminded_at", Moment(), nullable=True))
    op.add_column("pairing", sa.Column("follower", sa.String(length=60), server_default="", nullable=False))
    op.add_column("pairing", sa.Column("remark", sa.Text(), server_default="", nullable=False))
    op.add_column("pairing", sa.Column("place", sa.Integer(), nullable=True))
    op.create_table(
        "meeting_wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("achievement_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievement.id"], name=op.f("fk_meeting_wish_achievement_id")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_meeting_wish_event_id")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_meeting_wish_need_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_meeting_wish_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_wish")),
        sa.UniqueConstraint(
            "event_id",
            "side",
            "need_id",
            "achievement_id",
            name=op.f("uq_meeting_wish_event_id_side_need_id_achievement_id"),
        ),
    )
    op.create_index(op.f("ix_meeting_wish_need_id"), "meeting_wish", ["need_id"])
    op.create_index(op.f("ix_meeting_wish_achievement_id"), "meeting_wish", ["achievement_id"])
    op.create_table(
        "pairing_edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", Json, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("made_list_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_pairing_edit_event_id")),
        sa.ForeignKeyConstraint(["list_id"], ["pairing_list.id"], name=op.f("fk_pairing_edit_list_id")),
        sa.ForeignKeyConstraint(
            ["made_list_id"], ["pairing_list.id"], name=op.f("fk_pairing_edit_made_list_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_pairing_edit_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_edit")),
    )
    op.create_index(op.f("ix_pairing_edit_event_id"), "pairing_edit", ["event_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_pairing_edit_event_id"), "pairing_edit")
    op.drop_table("pairing_edit")
    op.drop_index(op.f("ix_meeting_wish_achievement_id"), "meeting_wish")
    op.drop_index(op.f("ix_meeting_wish_need_id"), "meeting_wish")
    op.drop_table("meeting_wish")
    with op.batch_alter_table("pairing") as pairing:
        pairing.drop_column("place")
        pairing.drop_column("remark")
        pairing.drop_column("follower")
    with op.batch_alter_table("invitation") as invitation:
        invitation.drop_column("reminded_at")
        invitation.drop_column("away_slots")
