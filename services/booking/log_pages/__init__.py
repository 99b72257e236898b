"""The pages that tell what was done: the log, and the mails that went out."""
