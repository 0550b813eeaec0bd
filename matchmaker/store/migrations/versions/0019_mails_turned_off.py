"""which kinds of notices an account takes without mail

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_off",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("mail_group", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_mail_off_user_id")),
        sa.PrimaryKeyConstraint("user_id", "mail_group", name=op.f("pk_mail_off")),
    )


def downgrade() -> None:
    op.drop_table("mail_off")
