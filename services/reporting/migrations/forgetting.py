"""What reporting's `forget` knows, by the migration that taught it."""

from shared.database import mechanisms
from shared.jobs import schema as jobs
from shared.mail import schema as mails

SINCE_0007 = {**mechanisms.FORGET_2, "jobs": jobs.FORGET}
SINCE_0013 = {**SINCE_0007, "audit": mechanisms.FORGET_AUDIT}
SINCE_0017 = {**SINCE_0013, "mails": mails.FORGET}
