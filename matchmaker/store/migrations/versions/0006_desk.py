"""the desk on the day of an event: steps and proposals

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import matchmaker.store.tables.types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _json() -> sa.types.TypeEngine:
    return sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "desk_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("details", _json(), nullable=False),
        sa.Column("changes", _json(), nullable=False),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("user_name", sa.String(length=60), nullable=False),
        sa.Column("at", matchmaker.store.tables.types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_desk_step_event_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_desk_step_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_step")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_desk_step_event_id_number")),
    )
    op.create_table(
        "desk_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("mishap", _json(), nullable=False),
        sa.Column("result", _json(), nullable=False),
        sa.Column("step_number", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", matchmaker.store.tables.types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_desk_proposal_event_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_desk_proposal_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_proposal")),
    )
    op.create_index(op.f("ix_desk_proposal_event_id"), "desk_proposal", ["event_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_desk_proposal_event_id"), table_name="desk_proposal")
    op.drop_table("desk_proposal")
    op.drop_table("desk_step")
