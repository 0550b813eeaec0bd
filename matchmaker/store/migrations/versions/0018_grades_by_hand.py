"""a grade that an organiser gives beside the computed one, with a reason

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from matchmaker.store.tables.types import Moment

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_GRADES = sa.Enum("strong", "fair", "weak", "none", name="grade", native_enum=False, length=32)


def upgrade() -> None:
    op.add_column("match", sa.Column("computed_score", sa.Double(), nullable=True))
    op.add_column("match", sa.Column("computed_grade", _GRADES, nullable=True))
    op.add_column("match", sa.Column("grade_reason", sa.Text(), server_default="", nullable=False))
    op.add_column("match", sa.Column("graded_at", Moment(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("match") as batch:
        for column in ("computed_score", "computed_grade", "grade_reason", "graded_at"):
            batch.drop_column(column)
