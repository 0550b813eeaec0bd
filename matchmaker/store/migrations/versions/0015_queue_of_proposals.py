"""what the queue of proposals counts stands in one index

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_BEFORE = ["need_id", "current", "score"]
_NOW = [*_BEFORE, "grade", "status", "need_side", "achievement_side"]


def upgrade() -> None:
    op.create_index(op.f("ix_match_" + "_".join(_NOW)), "match", _NOW)
    op.drop_index(op.f("ix_match_" + "_".join(_BEFORE)), table_name="match")


def downgrade() -> None:
    op.create_index(op.f("ix_match_" + "_".join(_BEFORE)), "match", _BEFORE)
    op.drop_index(op.f("ix_match_" + "_".join(_NOW)), table_name="match")
