"""Schedules: reports that are made when a period has ended, and handed over by a mail with a link."""
