"""What booking's `forget` knows, by the migration that taught it."""

from shared.database import mechanisms
from shared.jobs import schema as jobs
from shared.mail import schema as mails

DIARY = """
    DELETE FROM diary_entries WHERE (registration_id, occasion_id) IN (
        SELECT registration_id, occasion_id FROM diary_entries WHERE ends_at < latest
         LIMIT at_most FOR UPDATE SKIP LOCKED)
"""
DELIVERIES = """
    DELETE FROM webhook_deliveries WHERE id = ANY (ARRAY(
        SELECT id FROM webhook_deliveries WHERE created_at < latest AND state <> 'pending'
         LIMIT at_most FOR UPDATE SKIP LOCKED))
"""
NUMBERS = """
    DELETE FROM vault USING erasures e, participants p
     WHERE e.participant_id = vault.participant_id AND p.participant_id = vault.participant_id
       AND p.erased AND e.number_gone_at IS NOT NULL
"""
SINCE_0003 = {**mechanisms.FORGET_2, "audit": mechanisms.FORGET_AUDIT}
SINCE_0008 = {**SINCE_0003, "jobs": jobs.FORGET}
SINCE_0016 = {**SINCE_0008, "mails": mails.FORGET, "diary_entries": ("0 days", DIARY)}
SINCE_0018 = {**SINCE_0016, "webhook_deliveries": ("3 days", DELIVERIES)}
SINCE_0019 = {**SINCE_0018, "numbers_of_erased": ("0 days", NUMBERS)}
