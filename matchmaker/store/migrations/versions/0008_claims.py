"""claims of universities on published needs

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

import matchmaker.store.tables.types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = matchmaker.store.tables.types.Moment(timezone=True)
_STATES = ("open", "taken", "declined", "withdrawn")


def upgrade() -> None:
    op.create_table(
        "need_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("achievement_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column(
            "status", sa.Enum(*_STATES, name="claimstate", native_enum=False, length=32), nullable=False
        ),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_need_claim_need_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_need_claim_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievement.id"], name=op.f("fk_need_claim_achievement_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_need_claim_user_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user_account.id"], name=op.f("fk_need_claim_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_claim")),
        sa.UniqueConstraint(
            "need_id", "organisation_id", name=op.f("uq_need_claim_need_id_organisation_id")
        ),
    )
    with op.batch_alter_table("need_claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_need_claim_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_need_claim_status"), ["status"], unique=False)


def downgrade() -> None:
    op.drop_table("need_claim")
