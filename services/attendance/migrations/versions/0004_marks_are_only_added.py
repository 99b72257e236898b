"""Marks are only ever added, with the device's own times; seals know who came later; walk-ins keep their person."""

from alembic import op

from shared.database.scope import policy

revision = "0004"
down_revision = "0003"

OF_OWN_SESSION = "session_id IN (SELECT session_id FROM rolls)"

CHANGED = ("marks", "roll_entries", "refused_marks", "conflicts")
# The owner is under the policies too, and would see no row to carry over.
ALL_ROWS = [f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY" for table in CHANGED]
UNDER_POLICIES = [f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY" for table in CHANGED]

UP = [
    *ALL_ROWS,
    # A held mark was released by changing it, and a trigger kept all others as they were: now none is changed.
    "DROP TRIGGER keep_marks ON marks",
    "DROP FUNCTION keep_marks",
    "REVOKE UPDATE ON marks FROM attendance_app",
    (
        "ALTER TABLE marks ADD COLUMN device_marked_at timestamptz, ADD COLUMN device_time timestamptz, "
        "ADD COLUMN on_behalf_of uuid, ADD COLUMN after_seal boolean NOT NULL DEFAULT false"
    ),
    "UPDATE marks SET device_marked_at = marked_at, device_time = received_at",
    (
        "ALTER TABLE marks ALTER COLUMN device_marked_at SET NOT NULL, ALTER COLUMN device_time SET NOT NULL, "
        "ALTER COLUMN after_seal DROP DEFAULT"
    ),
    "ALTER TABLE marks DROP CONSTRAINT marks_standing_check",
    """
    ALTER TABLE marks ADD CONSTRAINT marks_standing_check
    CHECK (standing IN ('recorded', 'held', 'discarded', 'late'))
    """,
    # What became of a mark that was held: a row of its own, so that the mark stays as it came.
    """
    CREATE TABLE mark_releases (
        mark_id uuid PRIMARY KEY,
        session_id uuid NOT NULL,
        standing text NOT NULL CHECK (standing IN ('recorded', 'late', 'discarded')),
        participant_id uuid,
        version integer NOT NULL,
        released_at timestamptz NOT NULL,
        released_by text NOT NULL,
        reason text
    )
    """,
    "CREATE INDEX ix_mark_releases_session_id ON mark_releases (session_id)",
    *policy("mark_releases", OF_OWN_SESSION),
    """
    CREATE VIEW current_marks WITH (security_invoker = true) AS
    SELECT mark.mark_id, mark.session_id, coalesce(released.participant_id, mark.participant_id) AS participant_id,
           mark.walk_in_id, mark.occasion_id, mark.kind, coalesce(released.standing, mark.standing) AS standing,
           mark.device_id, mark.base_version, coalesce(released.version, mark.version) AS version, mark.status,
           mark.arrived_at, mark.left_at, mark.minutes, mark.absence_reason, mark.source, mark.marked_at,
           mark.device_marked_at, mark.device_time, mark.received_at, mark.recorded_by, mark.on_behalf_of,
           mark.after_seal, mark.replaces, coalesce(released.reason, mark.reason) AS reason, mark.reason_code
      FROM marks AS mark LEFT JOIN mark_releases AS released USING (mark_id)
    """,
    "GRANT SELECT ON current_marks TO attendance_app",
    "GRANT SELECT, INSERT ON mark_releases TO attendance_app",
    # Whose walk-in it was outlives the registration that said so.
    """
    CREATE TABLE walk_in_links (
        walk_in_id uuid PRIMARY KEY,
        session_id uuid NOT NULL,
        participant_id uuid NOT NULL
    )
    """,
    "GRANT SELECT, INSERT ON walk_in_links TO attendance_app",
    "CREATE INDEX ix_walk_in_links_session_id ON walk_in_links (session_id)",
    (
        "INSERT INTO walk_in_links SELECT walk_in_id, session_id, participant_id FROM roll_entries "
        "WHERE walk_in_id IS NOT NULL ON CONFLICT DO NOTHING"
    ),
    *policy("walk_in_links", OF_OWN_SESSION),
    "ALTER TABLE roll_entries DROP COLUMN walk_in_id, ADD COLUMN after_seal boolean NOT NULL DEFAULT false",
    "ALTER TABLE roll_entries ALTER COLUMN after_seal DROP DEFAULT",
    "ALTER TABLE rolls ADD COLUMN former_trainers jsonb NOT NULL DEFAULT '{}'",
    "ALTER TABLE rolls ALTER COLUMN former_trainers DROP DEFAULT",
    "ALTER TABLE conflicts DROP CONSTRAINT conflicts_kind_check",
    "ALTER TABLE conflicts ADD CONSTRAINT conflicts_kind_check CHECK (kind IN ('marks', 'overlap', 'after-seal'))",
    # A mark may be so malformed that it has no id.
    "ALTER TABLE refused_marks ALTER COLUMN mark_id DROP NOT NULL",
    "ALTER TABLE refused_marks DROP CONSTRAINT refused_marks_session_id_mark_id_problem_content_hash_key",
    (
        "ALTER TABLE refused_marks ADD CONSTRAINT uq_refused_marks UNIQUE NULLS NOT DISTINCT "
        "(session_id, mark_id, problem, content_hash)"
    ),
    "CREATE INDEX ix_cells_participant_id ON cells (participant_id)",
    *UNDER_POLICIES,
]

DOWN = [
    *ALL_ROWS,
    "ALTER TABLE walk_in_links NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE mark_releases NO FORCE ROW LEVEL SECURITY",
    "DROP INDEX ix_cells_participant_id",
    "DELETE FROM refused_marks WHERE mark_id IS NULL",
    "ALTER TABLE refused_marks DROP CONSTRAINT uq_refused_marks",
    "ALTER TABLE refused_marks ADD UNIQUE (session_id, mark_id, problem, content_hash)",
    "ALTER TABLE refused_marks ALTER COLUMN mark_id SET NOT NULL",
    "DELETE FROM conflicts WHERE kind = 'after-seal'",
    "ALTER TABLE conflicts DROP CONSTRAINT conflicts_kind_check",
    "ALTER TABLE conflicts ADD CONSTRAINT conflicts_kind_check CHECK (kind IN ('marks', 'overlap'))",
    "ALTER TABLE rolls DROP COLUMN former_trainers",
    "ALTER TABLE roll_entries DROP COLUMN after_seal, ADD COLUMN walk_in_id uuid",
    (
        "UPDATE roll_entries SET walk_in_id = link.walk_in_id FROM walk_in_links AS link "
        "WHERE (roll_entries.session_id, roll_entries.participant_id) = (link.session_id, link.participant_id)"
    ),
    "DROP TABLE walk_in_links",
    "DROP VIEW current_marks",
    "DELETE FROM marks WHERE standing = 'late'",
    (
        "UPDATE marks SET standing = released.standing, version = released.version, reason = coalesce(released.reason, "
        "marks.reason), participant_id = coalesce(released.participant_id, marks.participant_id) "
        "FROM mark_releases AS released WHERE released.mark_id = marks.mark_id AND released.standing <> 'late'"
    ),
    "DROP TABLE mark_releases",
    "ALTER TABLE marks DROP CONSTRAINT marks_standing_check",
    "ALTER TABLE marks ADD CONSTRAINT marks_standing_check CHECK (standing IN ('recorded', 'held', 'discarded'))",
    (
        "ALTER TABLE marks DROP COLUMN device_marked_at, DROP COLUMN device_time, DROP COLUMN on_behalf_of, "
        "DROP COLUMN after_seal"
    ),
    "GRANT UPDATE (standing, participant_id, version, reason) ON marks TO attendance_app",
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
    *UNDER_POLICIES,
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
