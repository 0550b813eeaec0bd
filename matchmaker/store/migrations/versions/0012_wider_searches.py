"""searches of the whole library beyond the proposals

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import matchmaker.store.tables.types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_MOMENT = matchmaker.store.tables.types.Moment(timezone=True)
_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "wider_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=True),
        sa.Column("found_at", _MOMENT, nullable=True),
        sa.Column("engine", sa.String(length=120), nullable=False),
        sa.Column("found", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wider_search")),
        sa.UniqueConstraint(
            "subject_kind", "subject_id", name=op.f("uq_wider_search_subject_kind_subject_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("wider_search")
