"""Least privilege: the runtime role may do with each table what the code does, and nothing more.

A table that a later migration makes gets its own GRANT there, and its line in `tests/integration/test_privileges.py`.
"""

from alembic import op

from shared.database import mechanisms

revision = "0002"
down_revision = "0001"

GRANTS = {
    **dict.fromkeys(
        (
            "people",
            "trainer_contacts",
            "support_needs",
            "project_settings",
            "rolls",
            "occasions",
            "roll_entries",
            "cells",
        ),
        "SELECT, INSERT, UPDATE",
    ),
    # Evidence: added to, never changed. A held mark is recorded or given up, once; what was marked stays as it came.
    "marks": "SELECT, INSERT, UPDATE (standing, participant_id, version, reason)",
    "conflicts": "SELECT, INSERT, UPDATE (kind, marks, resolved_at, resolved_by, resolution, reason, revision)",
    **dict.fromkeys(("refused_marks", "seals", "head_counts", "survey_entries"), "SELECT, INSERT"),
}
ONLY_WHILE_HELD = [
    """
    CREATE FUNCTION keep_marks() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'mark % is %: it cannot be changed', OLD.mark_id, OLD.standing
              USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER keep_marks BEFORE UPDATE ON marks
    FOR EACH ROW WHEN (OLD.standing <> 'held') EXECUTE FUNCTION keep_marks()
    """,
]


def upgrade() -> None:
    mechanisms.create_2(op, "attendance", GRANTS)
    for statement in ONLY_WHILE_HELD:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_marks ON marks")
    op.execute("DROP FUNCTION keep_marks")
    mechanisms.drop_2(op, "attendance")
    op.execute("REVOKE DELETE ON marks FROM attendance_app")
    op.execute("REVOKE UPDATE, DELETE ON refused_marks, seals FROM attendance_app")
