"""business alerts and mails"""

import sqlalchemy as sa
from alembic import op

from server.records import types

revision = "a03445780bf3"
down_revision = "0dae4f977b4d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("rule_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("last_at", types.UtcDateTime(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("aside_until", sa.Date(), nullable=True),
        sa.Column("aside_note", sa.String(length=400), nullable=True),
        sa.Column("aside_by", sa.String(length=36), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_alert_rule_id_customer_id", ["rule_id", "customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_state"), ["state"], unique=False)

    op.create_table(
        "alert_rule",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_rule")),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=True),
        sa.Column("recipients", sa.String(length=1000), nullable=False),
        sa.Column("cc", sa.String(length=1000), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("attachments", types.Json, nullable=True),
        sa.Column("sender_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("sent_at", types.UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(length=40), nullable=True),
        sa.Column("said", sa.String(length=300), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index("ix_mail_account_id_sent_at", ["account_id", "sent_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_sender_id"), ["sender_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_state"), ["state"], unique=False)

    op.create_table(
        "mail_account",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("sender_name", sa.String(length=60), nullable=True),
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("security", sa.String(length=30), nullable=False),
        sa.Column("username", sa.String(length=200), nullable=True),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("employee_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_account")),
    )
    with op.batch_alter_table("mail_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_account_employee_id"), ["employee_id"], unique=False)

    op.create_table(
        "mail_batch",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("sender_id", sa.String(length=36), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_batch")),
    )
    with op.batch_alter_table("mail_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_batch_sender_id"), ["sender_id"], unique=False)

    op.create_table(
        "mail_queue",
        sa.Column("mail_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("queued_at", types.UtcDateTime(), nullable=False),
        sa.Column("due_at", types.UtcDateTime(), nullable=False),
        sa.Column("busy_until", types.UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_mail_queue")),
    )
    with op.batch_alter_table("mail_queue", schema=None) as batch_op:
        batch_op.create_index("ix_mail_queue_account_id_due_at", ["account_id", "due_at"], unique=False)

    # Roles that nobody has changed get the rights to what is new.
    step = sa.table("upgrade_step", sa.column("name", sa.String), sa.column("done_at", types.UtcDateTime()))
    op.execute(step.update().where(step.c.name == "people.standing_roles").values(done_at=None))


def downgrade() -> None:
    with op.batch_alter_table("mail_queue", schema=None) as batch_op:
        batch_op.drop_index("ix_mail_queue_account_id_due_at")

    op.drop_table("mail_queue")
    with op.batch_alter_table("mail_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_batch_sender_id"))

    op.drop_table("mail_batch")
    with op.batch_alter_table("mail_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_account_employee_id"))

    op.drop_table("mail_account")
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_state"))
        batch_op.drop_index(batch_op.f("ix_mail_sender_id"))
        batch_op.drop_index(batch_op.f("ix_mail_customer_id"))
        batch_op.drop_index(batch_op.f("ix_mail_batch_id"))
        batch_op.drop_index("ix_mail_account_id_sent_at")

    op.drop_table("mail")
    op.drop_table("alert_rule")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alert_state"))
        batch_op.drop_index("ix_alert_rule_id_customer_id")
        batch_op.drop_index(batch_op.f("ix_alert_customer_id"))

    op.drop_table("alert")
