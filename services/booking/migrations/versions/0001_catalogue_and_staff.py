"""The catalogue, people with the vault, trainers, jobs and the audit, beside the mechanisms' tables."""

from alembic import op

from shared.database import mechanisms
from shared.database.scope import WHOLE_PROJECT, own_municipality, policy

revision = "0001"
down_revision = None

TABLES = [
    """
    CREATE TABLE project (
        id integer PRIMARY KEY CONSTRAINT project_is_one CHECK (id = 1),
        name text NOT NULL,
        period_from date NOT NULL,
        period_to date NOT NULL,
        grant_amount numeric NOT NULL,
        commitment_minutes integer NOT NULL,
        settings jsonb NOT NULL,
        revision integer NOT NULL
    )
    """,
    """
    CREATE TABLE municipalities (
        code text PRIMARY KEY,
        name text NOT NULL,
        org_number text NOT NULL,
        revision integer NOT NULL
    )
    """,
    """
    CREATE TABLE commitment_statements (
        municipality text NOT NULL REFERENCES municipalities (code),
        valid_from date NOT NULL,
        employees integer NOT NULL,
        minutes integer,
        PRIMARY KEY (municipality, valid_from)
    )
    """,
    """
    CREATE TABLE commitments (
        municipality text NOT NULL REFERENCES municipalities (code),
        valid_from date NOT NULL,
        employees integer NOT NULL,
        minutes integer NOT NULL,
        computed boolean NOT NULL,
        PRIMARY KEY (municipality, valid_from)
    )
    """,
    """
    CREATE TABLE courses (
        id uuid PRIMARY KEY,
        code text NOT NULL UNIQUE,
        title text NOT NULL,
        description text NOT NULL,
        duration_minutes integer NOT NULL,
        categories text[] NOT NULL,
        titles text[],
        requires text[] NOT NULL,
        languages text[] NOT NULL,
        needs_qualification text,
        term text,
        revision integer NOT NULL
    )
    """,
    """
    CREATE TABLE packages (
        id uuid PRIMARY KEY,
        code text NOT NULL UNIQUE,
        title text NOT NULL,
        for_titles text[] NOT NULL,
        courses text[] NOT NULL,
        revision integer NOT NULL
    )
    """,
    """
    CREATE TABLE titles (
        title text PRIMARY KEY,
        title_sv text,
        category text NOT NULL,
        step integer,
        required_courses text[] NOT NULL,
        position integer NOT NULL
    )
    """,
    """
    CREATE TABLE title_list (
        id integer PRIMARY KEY CONSTRAINT title_list_is_one CHECK (id = 1),
        revision integer NOT NULL
    )
    """,
    """
    CREATE TABLE trainers (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        email text NOT NULL,
        home_municipality text NOT NULL REFERENCES municipalities (code),
        qualifications jsonb NOT NULL,
        active_from date,
        active_to date,
        revision integer NOT NULL
    )
    """,
    """
    CREATE TABLE participants (
        participant_id uuid PRIMARY KEY,
        gender text NOT NULL,
        birth_year smallint,
        protected boolean NOT NULL,
        erased boolean NOT NULL,
        personal_number_hint text
    )
    """,
    """
    CREATE TABLE vault (
        participant_id uuid PRIMARY KEY,
        number_index bytea NOT NULL UNIQUE,
        kid text NOT NULL,
        nonce bytea NOT NULL,
        box bytea NOT NULL
    )
    """,
    """
    CREATE TABLE staff (
        id uuid PRIMARY KEY,
        participant_id uuid NOT NULL REFERENCES participants (participant_id),
        employment_id uuid NOT NULL UNIQUE,
        municipality text NOT NULL REFERENCES municipalities (code),
        workplace text NOT NULL,
        given_name text NOT NULL,
        family_name text NOT NULL,
        email text NOT NULL,
        phone text,
        language text NOT NULL,
        manager_email text,
        protected_identity boolean NOT NULL,
        revision integer NOT NULL
    )
    """,
    "CREATE INDEX ix_staff_participant_id ON staff (participant_id)",
    "CREATE INDEX ix_staff_municipality ON staff (municipality)",
    """
    CREATE TABLE employment_periods (
        employment_id uuid NOT NULL REFERENCES staff (employment_id),
        valid_from date NOT NULL,
        valid_to date,
        participant_id uuid NOT NULL REFERENCES participants (participant_id),
        municipality text NOT NULL,
        employer_org_number text NOT NULL,
        title text NOT NULL,
        category text NOT NULL,
        kind text NOT NULL,
        PRIMARY KEY (employment_id, valid_from),
        CHECK (valid_to >= valid_from)
    )
    """,
    "CREATE INDEX ix_employment_periods_participant_id ON employment_periods (participant_id)",
    """
    CREATE TABLE jobs (
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
        done integer NOT NULL,
        total integer NOT NULL,
        began_by text NOT NULL,
        began_at timestamptz NOT NULL,
        municipality text,
        request jsonb NOT NULL,
        content bytea,
        taken_at timestamptz,
        result jsonb
    )
    """,
    """
    CREATE TABLE audit (
        id uuid PRIMARY KEY,
        at timestamptz NOT NULL,
        occurred_at timestamptz NOT NULL,
        actor text NOT NULL,
        actor_role text NOT NULL,
        action text NOT NULL,
        target text NOT NULL,
        before jsonb,
        after jsonb
    )
    """,
    "CREATE INDEX ix_audit_target ON audit (target)",
    "REVOKE UPDATE, DELETE ON audit FROM booking_app",
]

OWN_TRAINER = (
    "current_setting('kursnav.scope', true) = 'trainer' AND id::text = current_setting('kursnav.trainer', true)"
)
POLICIES = [
    *policy("staff", own_municipality()),
    *policy("employment_periods", own_municipality()),
    # Whoever may see an employment may see whose it is; the inner select is itself under the policy of staff.
    *policy("participants", "EXISTS (SELECT 1 FROM staff s WHERE s.participant_id = participants.participant_id)"),
    *policy("trainers", OWN_TRAINER),
    *policy("jobs", own_municipality()),
    "ALTER TABLE vault ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE vault FORCE ROW LEVEL SECURITY",
    "CREATE POLICY vault_system ON vault USING (current_setting('kursnav.scope', true) = 'system')",
    "ALTER TABLE audit ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE audit FORCE ROW LEVEL SECURITY",
    "CREATE POLICY audit_append ON audit FOR INSERT WITH CHECK (true)",
    f"CREATE POLICY audit_read ON audit FOR SELECT USING ({WHOLE_PROJECT})",
]


def upgrade() -> None:
    mechanisms.create(op, "booking")
    for statement in TABLES + POLICIES:
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "audit",
        "jobs",
        "employment_periods",
        "staff",
        "vault",
        "participants",
        "trainers",
        "title_list",
        "titles",
        "packages",
        "courses",
        "commitments",
        "commitment_statements",
        "municipalities",
        "project",
    ):
        op.execute(f"DROP TABLE {table} CASCADE")
    mechanisms.drop(op)
