"""long lists made in the background to be downloaded

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

import matchmaker.store.tables.types

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_STATES = ("waiting", "running", "ready", "stopped", "failed")
_MOMENT = matchmaker.store.tables.types.Moment(timezone=True)


def upgrade() -> None:
    op.create_table(
        "list_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column(
            "state", sa.Enum(*_STATES, name="exportstate", native_enum=False, length=32), nullable=False
        ),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("beat_at", _MOMENT, nullable=True),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_list_export_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_export")),
    )
    op.create_index(op.f("ix_list_export_user_id"), "list_export", ["user_id"])
    op.create_index(op.f("ix_list_export_state"), "list_export", ["state"])
    op.create_table(
        "list_export_file",
        sa.Column("export_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"],
            ["list_export.id"],
            name=op.f("fk_list_export_file_export_id_list_export"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("export_id", name=op.f("pk_list_export_file")),
    )


def downgrade() -> None:
    op.drop_table("list_export_file")
    op.drop_table("list_export")
