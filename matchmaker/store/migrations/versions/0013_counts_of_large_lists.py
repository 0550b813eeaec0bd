"""what the lists of a large library are counted by: indexes that hold all that is asked

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MADE = (
    ("achievement", ("status", "disclosure", "record_type", "maturity")),
    ("achievement", ("organisation_id", "status", "disclosure")),
    ("need", ("status", "disclosure", "source")),
)


def upgrade() -> None:
    for table, columns in _MADE:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
    op.drop_index(op.f("ix_achievement_organisation_id"), table_name="achievement")


def downgrade() -> None:
    op.create_index(op.f("ix_achievement_organisation_id"), "achievement", ["organisation_id"])
    for table, columns in _MADE:
        op.drop_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table_name=table)
