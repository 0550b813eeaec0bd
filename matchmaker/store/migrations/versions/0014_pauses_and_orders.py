"""pauses of an event, meetings that come before others, and both as each list keeps them

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

from matchmaker.store.tables.types import Json, Moment

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_SIDES = (
    ("earlier_need_id", "need"),
    ("earlier_achievement_id", "achievement"),
    ("later_need_id", "need"),
    ("later_achievement_id", "achievement"),
)


def upgrade() -> None:
    op.add_column("pairing_list", sa.Column("day", Json, server_default="{}", nullable=False))
    op.create_table(
        "event_pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("begins", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_pause_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_pause")),
        sa.UniqueConstraint("event_id", "begins", name=op.f("uq_event_pause_event_id_begins")),
    )
    op.create_table(
        "meeting_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        *(sa.Column(column, sa.Integer(), nullable=False) for column, _table in _SIDES),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_meeting_order_event_id")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_meeting_order_{column}"))
            for column, table in _SIDES
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_meeting_order_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_order")),
        sa.UniqueConstraint(
            "event_id",
            *(column for column, _table in _SIDES),
            name="uq_meeting_order_pairs",
        ),
    )


def downgrade() -> None:
    op.drop_table("meeting_order")
    op.drop_table("event_pause")
    with op.batch_alter_table("pairing_list") as batch:
        batch.drop_column("day")
