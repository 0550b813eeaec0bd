"""what is decided beside proposals, and what is learnt from them

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from matchmaker.store.tables.types import Json, Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "never_match",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["organisation.id"], name=op.f("fk_never_match_enterprise_id")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["organisation.id"], name=op.f("fk_never_match_partner_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_never_match_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_never_match")),
        sa.UniqueConstraint(
            "enterprise_id", "partner_id", name=op.f("uq_never_match_enterprise_id_partner_id")
        ),
    )
    op.create_index(op.f("ix_never_match_partner_id"), "never_match", ["partner_id"], unique=False)
    op.create_table(
        "ranker_fit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(length=64), nullable=False),
        sa.Column("observations", sa.Integer(), nullable=False),
        sa.Column("needs", sa.Integer(), nullable=False),
        sa.Column("coefficients", Json, nullable=False),
        sa.Column("measures", Json, nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.Column("fitted_at", Moment(), nullable=False),
        sa.Column("returned_at", Moment(), nullable=True),
        sa.Column("returned_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["returned_by_id"], ["user_account.id"], name=op.f("fk_ranker_fit_returned_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranker_fit")),
        sa.UniqueConstraint("evidence", name=op.f("uq_ranker_fit_evidence")),
    )
    op.create_table(
        "need_route",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("need_version", sa.Integer(), nullable=False),
        sa.Column(
            "route",
            sa.Enum("ask_firm", "look_outside", "long_term", name="route", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("questions", Json, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_need_route_need_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_need_route_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_route")),
    )
    op.create_index(op.f("ix_need_route_need_id"), "need_route", ["need_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_need_route_need_id"), table_name="need_route")
    op.drop_table("need_route")
    op.drop_table("ranker_fit")
    op.drop_index(op.f("ix_never_match_partner_id"), table_name="never_match")
    op.drop_table("never_match")
