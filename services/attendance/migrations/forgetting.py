"""What attendance's `forget` knows, by the migration that taught it."""

from shared.database import mechanisms
from shared.jobs import schema as jobs
from shared.mail import schema as mails

LINKS = """
    DELETE FROM links WHERE id = ANY (ARRAY(
        SELECT id FROM links WHERE expires_at < latest LIMIT at_most FOR UPDATE SKIP LOCKED))
"""
CODES = """
    DELETE FROM wrong_codes WHERE id = ANY (ARRAY(
        SELECT id FROM wrong_codes WHERE tried_at < latest LIMIT at_most FOR UPDATE SKIP LOCKED))
"""
# A month's signature holds for several sessions: it goes with the last of them, and its lines go with it.
SIGNATURES = """
    DELETE FROM signatures WHERE id = ANY (ARRAY(
        SELECT id FROM signatures AS sig
         WHERE NOT EXISTS (
               SELECT FROM signed_items AS item JOIN rolls USING (session_id)
                WHERE item.signature_id = sig.id AND rolls.ends_at >= latest)
         LIMIT at_most FOR UPDATE SKIP LOCKED))
"""
OF_A_SESSION = """
    DELETE FROM {0} WHERE ctid = ANY (ARRAY(
        SELECT {0}.ctid FROM {0} JOIN rolls USING (session_id)
         WHERE rolls.ends_at < latest LIMIT at_most FOR UPDATE OF {0} SKIP LOCKED))
"""
# Of these nothing younger goes, whatever day is set.
LEAST_AGE = "1 year"
SESSION_TABLES = (
    *("certificates", "conflicts", "refused_marks", "mark_releases", "cells", "marks"),
    *("head_counts", "seals", "walk_ins", "walk_in_links", "roll_entries"),
)
SINCE_0006 = {**mechanisms.FORGET_2, "jobs": jobs.FORGET}
SINCE_0010 = {**SINCE_0006, "mails": mails.FORGET, "links": ("30 days", LINKS)}
SINCE_0018 = {
    **SINCE_0010,
    "wrong_codes": ("1 hour", CODES),
    "signatures": (LEAST_AGE, SIGNATURES),
    **{table: (LEAST_AGE, OF_A_SESSION.format(table)) for table in SESSION_TABLES},
}
