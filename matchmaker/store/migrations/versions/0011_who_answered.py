"""who answered questions and whose answers changed a need; how many doubles the last look found

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from matchmaker.store.tables.types import Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "doubles_found",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_doubles_found")),
    )
    for table, column in (("need_enquiry", "answered_by_id"), ("need_change", "person_id")):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(column, sa.Integer(), nullable=True))
            batch.create_foreign_key(batch.f(f"fk_{table}_{column}"), "person", [column], ["id"])
            batch.create_index(batch.f(f"ix_{table}_{column}"), [column])


def downgrade() -> None:
    for table, column in (("need_enquiry", "answered_by_id"), ("need_change", "person_id")):
        with op.batch_alter_table(table) as batch:
            batch.drop_index(batch.f(f"ix_{table}_{column}"))
            batch.drop_constraint(batch.f(f"fk_{table}_{column}"), type_="foreignkey")
            batch.drop_column(column)
    op.drop_table("doubles_found")
