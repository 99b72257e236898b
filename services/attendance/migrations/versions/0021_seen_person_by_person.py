"""Whether a trainer may see a person is looked up for that person, not by listing everybody on own rolls."""

from alembic import op

revision = "0021"
down_revision = "0020"

WHOLE_PROJECT = "(SELECT current_setting('kursnav.scope', true) IN ('system', 'project'))"
LISTED = "participant_id IN (SELECT participant_id FROM roll_people)"
# The inner selects are themselves under the policy of roll entries. Who was merged is on rolls under both ids.
LOOKED_UP = """
    EXISTS (SELECT FROM roll_entries entry WHERE entry.participant_id = people.participant_id)
        AND NOT EXISTS (SELECT FROM merged_participants merged WHERE merged.ended = people.participant_id)
    OR EXISTS (SELECT FROM merged_participants merged JOIN roll_entries entry ON entry.participant_id = merged.ended
                WHERE merged.became = people.participant_id)
"""


def seen(visible: str) -> str:
    condition = f"{WHOLE_PROJECT} OR ({visible})"
    return f"ALTER POLICY people_scope ON people USING ({condition}) WITH CHECK ({condition})"


def upgrade() -> None:
    op.execute(seen(LOOKED_UP))


def downgrade() -> None:
    op.execute(seen(LISTED))
