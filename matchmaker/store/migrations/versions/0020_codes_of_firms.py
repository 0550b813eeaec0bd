"""by which code a masked firm goes at an event

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_firm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_firm_event_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_event_firm_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_firm")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_event_firm_event_id_number")),
        sa.UniqueConstraint("event_id", "organisation_id", name=op.f("uq_event_firm_event_id_organisation_id")),
    )
    op.create_index(op.f("ix_event_firm_organisation_id"), "event_firm", ["organisation_id"])


def downgrade() -> None:
    op.drop_table("event_firm")
