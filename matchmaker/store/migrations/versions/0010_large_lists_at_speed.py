"""uploaded files in a table of their own, keys to compare lists with needs, what taking back looks up

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from matchmaker.domain.identifiers import need_text_key, need_title_key

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# a row that goes is looked for in each of these: without an index that reads the whole table, per row
_LOOKED_UP = (
    ("organisation", "merged_into_id"),
    ("achievement", "upload_row_id"),
    ("achievement", "duplicate_of_id"),
    ("need", "upload_row_id"),
    ("need", "duplicate_of_id"),
    ("notice", "person_id"),
)


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
    _add_keys()
    for table, column in _LOOKED_UP:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _add_keys() -> None:
    op.add_column("need", sa.Column("title_key", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("need", sa.Column("text_key", sa.String(length=32), nullable=False, server_default=""))
    need = sa.table("need", *map(sa.column, ("id", "title", "problem", "title_key", "text_key")))
    keyed = (
        sa.update(need)
        .where(need.c.id == sa.bindparam("need_id"))
        .values(title_key=sa.bindparam("by_title"), text_key=sa.bindparam("by_text"))
    )
    connection, last = op.get_bind(), 0
    while rows := connection.execute(
        sa.select(need.c.id, need.c.title, need.c.problem)
        .where(need.c.id > last)
        .order_by(need.c.id)
        .limit(500)
    ).all():
        last = rows[-1].id
        connection.execute(
            keyed,
            [
                {
                    "need_id": row.id,
                    "by_title": need_title_key(row.title),
                    "by_text": need_text_key(row.problem or ""),
                }
                for row in rows
            ],
        )
    op.create_index(op.f("ix_need_title_key_organisation_id"), "need", ["title_key", "organisation_id"])
    op.create_index(op.f("ix_need_text_key"), "need", ["text_key"])
    op.create_index(op.f("ix_need_external_id"), "need", ["external_id"])


def downgrade() -> None:
    for table, column in _LOOKED_UP:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
    for name in ("title_key_organisation_id", "text_key", "external_id"):
        op.drop_index(op.f(f"ix_need_{name}"), table_name="need")
    op.drop_column("need", "title_key")
    op.drop_column("need", "text_key")
    op.add_column("upload", sa.Column("content", sa.LargeBinary(), nullable=True))
    op.execute(
        "UPDATE upload SET content = "
        "(SELECT content FROM upload_file WHERE upload_file.upload_id = upload.id)"
    )
    op.drop_table("upload_file")
