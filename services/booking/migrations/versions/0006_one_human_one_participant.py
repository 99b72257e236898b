"""What is the person's and what the employment's; former numbers and merged participants; staff can be searched."""

from alembic import op

revision = "0006"
down_revision = "0005"

KEYS = {
    "name_key": "given_name || ' ' || family_name",
    "family_name_key": "family_name || ' ' || given_name",
    "email_key": "email",
}

PERSONAL = ("vault", "staff", "participants")

UP = [
    "ALTER TABLE staff ALTER COLUMN email DROP NOT NULL",
    "ALTER TABLE staff DROP COLUMN protected_identity",  # participants.protected says it for all employers
    "ALTER TABLE participants ADD COLUMN merged_into uuid REFERENCES participants (participant_id)",
    "CREATE INDEX ix_participants_merged_into ON participants (merged_into)",
    # A person may have had several numbers.
    "ALTER TABLE vault ADD COLUMN current boolean NOT NULL DEFAULT true",
    "ALTER TABLE vault ALTER COLUMN current DROP DEFAULT",
    "ALTER TABLE vault DROP CONSTRAINT vault_pkey, DROP CONSTRAINT vault_number_index_key",
    "ALTER TABLE vault ADD CONSTRAINT vault_pkey PRIMARY KEY (number_index)",
    "CREATE INDEX ix_vault_participant_id ON vault (participant_id)",
    "CREATE UNIQUE INDEX ux_vault_current ON vault (participant_id) WHERE current",
    # A registration is of the person whose employment it is. Merging moves both in one step, and who had read the
    # employment before it is refused.
    "ALTER TABLE staff ADD CONSTRAINT staff_id_participant_id_key UNIQUE (id, participant_id)",
    "ALTER TABLE registrations DROP CONSTRAINT registrations_staff_id_fkey",
    """
    ALTER TABLE registrations ADD CONSTRAINT registrations_staff_id_participant_id_fkey
    FOREIGN KEY (staff_id, participant_id) REFERENCES staff (id, participant_id) ON UPDATE CASCADE
    """,
    *(
        f'ALTER TABLE staff ADD COLUMN {name} text COLLATE "C" {"" if name == "email_key" else "NOT NULL"} '
        f'GENERATED ALWAYS AS (lower(({expression}) COLLATE "pg_c_utf8")) STORED'
        for name, expression in KEYS.items()
    ),
    *(f"CREATE INDEX ix_staff_{name} ON staff ({name})" for name in KEYS),
    "CREATE INDEX ix_staff_workplace ON staff (workplace)",
]

DOWN = [
    # All rows for the owner, as long as the migration runs.
    *(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY" for table in PERSONAL),
    "DROP INDEX ix_staff_workplace",
    *(f"ALTER TABLE staff DROP COLUMN {name}" for name in KEYS),
    "ALTER TABLE registrations DROP CONSTRAINT registrations_staff_id_participant_id_fkey",
    "ALTER TABLE staff DROP CONSTRAINT staff_id_participant_id_key",
    "ALTER TABLE registrations ADD CONSTRAINT registrations_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff (id)",
    "DROP INDEX ux_vault_current",
    "DROP INDEX ix_vault_participant_id",
    "DELETE FROM vault WHERE NOT current",
    "ALTER TABLE vault DROP CONSTRAINT vault_pkey",
    "ALTER TABLE vault ADD CONSTRAINT vault_pkey PRIMARY KEY (participant_id)",
    "ALTER TABLE vault ADD CONSTRAINT vault_number_index_key UNIQUE (number_index)",
    "ALTER TABLE vault DROP COLUMN current",
    "ALTER TABLE participants DROP COLUMN merged_into",
    "ALTER TABLE staff ADD COLUMN protected_identity boolean NOT NULL DEFAULT false",
    "UPDATE staff SET protected_identity = protected FROM participants p WHERE p.participant_id = staff.participant_id",
    "ALTER TABLE staff ALTER COLUMN protected_identity DROP DEFAULT",
    "UPDATE staff SET email = '' WHERE email IS NULL",
    "ALTER TABLE staff ALTER COLUMN email SET NOT NULL",
    *(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY" for table in PERSONAL),
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
