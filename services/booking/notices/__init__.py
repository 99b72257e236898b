"""Notices: who is told what by mail, and what of it stands in calendars."""
