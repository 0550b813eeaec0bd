"""an uploaded file in a table of its own, beside what is written at every step of its import

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload_file",
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("fk_upload_file_upload_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_upload_file")),
    )
    op.execute(
        "INSERT INTO upload_file (upload_id, content) "
        "SELECT id, content FROM upload WHERE content IS NOT NULL"
    )
    op.drop_column("upload", "content")


def downgrade() -> None:
    op.add_column("upload", sa.Column("content", sa.LargeBinary(), nullable=True))
    op.execute(
        "UPDATE upload SET content = "
        "(SELECT content FROM upload_file WHERE upload_file.upload_id = upload.id)"
    )
    op.drop_table("upload_file")
