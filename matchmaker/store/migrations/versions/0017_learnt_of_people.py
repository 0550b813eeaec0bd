"""what each batch of an import taught about people who were known already

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from matchmaker.store.tables.types import Json

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("upload_batch", sa.Column("learnt", Json, server_default="{}", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("upload_batch") as batch:
        batch.drop_column("learnt")
