"""How a person is addressed belongs to an employment; an entry of a roll knows its own."""

from alembic import op

revision = "0003"
down_revision = "0002"

CONTACT = ("given_name", "family_name", "email", "phone", "manager_email")

KEEP = """
    UPDATE people SET contacts = jsonb_build_object('00000000-0000-0000-0000-000000000000', jsonb_strip_nulls(
        jsonb_build_object('given_name', given_name, 'family_name', family_name, 'email', email, 'phone', phone,
                           'manager_email', manager_email)))
     WHERE NOT erased
"""
TAKE_BACK = """
    UPDATE people SET given_name = contact ->> 'given_name', family_name = contact ->> 'family_name',
           email = contact ->> 'email', phone = contact ->> 'phone', manager_email = contact ->> 'manager_email'
      FROM (SELECT participant_id, jsonb_path_query_first(contacts, '$.*') AS contact FROM people) AS first
     WHERE first.participant_id = people.participant_id
"""
# Who has no contact under the employment (it was published before there was one for each) has the first.
PEOPLE_ON_ROLLS = """
    CREATE VIEW people_on_rolls WITH (security_invoker = true) AS
    SELECT entry.session_id, entry.participant_id, entry.registration_id, entry.municipality, entry.registration,
           contact ->> 'given_name' AS given_name, contact ->> 'family_name' AS family_name,
           contact ->> 'email' AS email, contact ->> 'phone' AS phone, contact ->> 'manager_email' AS manager_email,
           person.language, coalesce(person.protected, false) AS protected, coalesce(person.erased, false) AS erased
      FROM roll_entries AS entry
      LEFT JOIN people AS person USING (participant_id)
      CROSS JOIN LATERAL (SELECT coalesce(
           person.contacts -> CAST(entry.employment_id AS text), jsonb_path_query_first(person.contacts, '$.*'))
      ) AS chosen (contact)
"""

ALL_ROWS = "ALTER TABLE people NO FORCE ROW LEVEL SECURITY"  # for the owner, as long as the migration runs
UNDER_POLICIES = "ALTER TABLE people FORCE ROW LEVEL SECURITY"

UP = [
    ALL_ROWS,
    "ALTER TABLE people ADD COLUMN contacts jsonb NOT NULL DEFAULT '{}'",
    KEEP,
    UNDER_POLICIES,
    "ALTER TABLE people ALTER COLUMN contacts DROP DEFAULT",
    *(f"ALTER TABLE people DROP COLUMN {name}" for name in CONTACT),
    "ALTER TABLE roll_entries ADD COLUMN employment_id uuid",
    PEOPLE_ON_ROLLS,
    "GRANT SELECT ON people_on_rolls TO attendance_app",
]
DOWN = [
    ALL_ROWS,
    "DROP VIEW people_on_rolls",
    "ALTER TABLE roll_entries DROP COLUMN employment_id",
    *(f"ALTER TABLE people ADD COLUMN {name} text" for name in CONTACT),
    TAKE_BACK,
    UNDER_POLICIES,
    "ALTER TABLE people DROP COLUMN contacts",
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
