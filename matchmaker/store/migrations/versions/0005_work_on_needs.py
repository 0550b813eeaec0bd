"""questions to firms, changes, parts, groups and editions of needs

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from matchmaker.store.tables.types import Json, Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "need_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user_account.id"], name=op.f("fk_need_group_created_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_group")),
    )
    op.create_table(
        "need_list_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("scope_name", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("entries", Json, nullable=False),
        sa.Column("differences", Json, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user_account.id"], name=op.f("fk_need_list_edition_created_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_list_edition")),
        sa.UniqueConstraint("scope", "number", name=op.f("uq_need_list_edition_scope_number")),
    )
    op.create_table(
        "need_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_need_change_need_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_need_change_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_change")),
    )
    op.create_index(op.f("ix_need_change_need_id_at"), "need_change", ["need_id", "at"], unique=False)
    op.create_table(
        "need_enquiry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "answered",
                "accepted",
                "dismissed",
                "closed",
                name="enquirystate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("questions", Json, nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("answers", Json, nullable=False),
        sa.Column("proposal", Json, nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("answered_by", sa.String(length=60), nullable=False),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["user_account.id"], name=op.f("fk_need_enquiry_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user_account.id"], name=op.f("fk_need_enquiry_decided_by_id")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_need_enquiry_need_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_enquiry")),
    )
    op.create_index(op.f("ix_need_enquiry_need_id"), "need_enquiry", ["need_id"], unique=False)
    op.create_index(op.f("ix_need_enquiry_state"), "need_enquiry", ["state"], unique=False)
    op.create_table(
        "need_group_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("added_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["need_group.id"], name=op.f("fk_need_group_member_group_id")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_need_group_member_need_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_group_member")),
        sa.UniqueConstraint("need_id", name=op.f("uq_need_group_member_need_id")),
    )
    op.create_index(op.f("ix_need_group_member_group_id"), "need_group_member", ["group_id"], unique=False)
    op.create_table(
        "need_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("original_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["original_id"], ["need.id"], name=op.f("fk_need_part_original_id")),
        sa.ForeignKeyConstraint(["part_id"], ["need.id"], name=op.f("fk_need_part_part_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_part")),
        sa.UniqueConstraint("part_id", name=op.f("uq_need_part_part_id")),
    )
    op.create_index(op.f("ix_need_part_original_id"), "need_part", ["original_id"], unique=False)
    op.create_table(
        "needs_apart",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["first_id"], ["need.id"], name=op.f("fk_needs_apart_first_id")),
        sa.ForeignKeyConstraint(["second_id"], ["need.id"], name=op.f("fk_needs_apart_second_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_needs_apart_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_apart")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_needs_apart_first_id_second_id")),
    )
    op.create_index(op.f("ix_needs_apart_second_id"), "needs_apart", ["second_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_needs_apart_second_id"), table_name="needs_apart")
    op.drop_table("needs_apart")
    op.drop_index(op.f("ix_need_part_original_id"), table_name="need_part")
    op.drop_table("need_part")
    op.drop_index(op.f("ix_need_group_member_group_id"), table_name="need_group_member")
    op.drop_table("need_group_member")
    op.drop_index(op.f("ix_need_enquiry_state"), table_name="need_enquiry")
    op.drop_index(op.f("ix_need_enquiry_need_id"), table_name="need_enquiry")
    op.drop_table("need_enquiry")
    op.drop_index(op.f("ix_need_change_need_id_at"), table_name="need_change")
    op.drop_table("need_change")
    op.drop_table("need_list_edition")
    op.drop_table("need_group")
