"""lists imported in many steps, and merges that can be taken back

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from matchmaker.store.tables.types import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)


def upgrade() -> None:
    with op.batch_alter_table("upload") as upload:
        upload.add_column(sa.Column("rows_done", sa.Integer(), server_default="0", nullable=False))
        upload.add_column(sa.Column("rows_total", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("upload_row") as row:
        row.add_column(sa.Column("deed", sa.String(length=10), server_default="", nullable=False))
    op.create_index(op.f("ix_upload_row_upload_id_deed_kind"), "upload_row", ["upload_id", "deed", "kind"])
    op.create_table(
        "upload_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("organisation_ids", _JSON, nullable=False),
        sa.Column("person_ids", _JSON, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("fk_upload_batch_upload_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_batch")),
    )
    op.create_index(op.f("ix_upload_batch_upload_id"), "upload_batch", ["upload_id"])
    _merges()


def _merges() -> None:
    op.create_table(
        "merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("kept_label", sa.String(length=300), nullable=False),
        sa.Column("gone_label", sa.String(length=300), nullable=False),
        sa.Column("rule", sa.String(length=20), nullable=False),
        sa.Column("moved", _JSON, nullable=False),
        sa.Column("before", _JSON, nullable=False),
        sa.Column("after", _JSON, nullable=False),
        sa.Column("gone", _JSON, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("undone_at", Moment(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_merge_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index(op.f("ix_merge_at"), "merge", ["at"])
    op.create_index(op.f("ix_merge_kind_gone_id"), "merge", ["kind", "gone_id"])
    op.create_index(op.f("ix_merge_kind_kept_id"), "merge", ["kind", "kept_id"])
    op.create_table(
        "kept_apart",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("low_id", sa.Integer(), nullable=False),
        sa.Column("high_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_kept_apart_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_apart")),
        sa.UniqueConstraint("kind", "low_id", "high_id", name=op.f("uq_kept_apart_kind_low_id_high_id")),
    )


def downgrade() -> None:
    op.drop_table("kept_apart")
    op.drop_table("merge")
    op.drop_table("upload_batch")
    op.drop_index(op.f("ix_upload_row_upload_id_deed_kind"), "upload_row")
    with op.batch_alter_table("upload_row") as row:
        row.drop_column("deed")
    with op.batch_alter_table("upload") as upload:
        upload.drop_column("rows_total")
        upload.drop_column("rows_done")
