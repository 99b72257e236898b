"""Reporting: what was booked, marked, attested and signed, as figures that can be shown to the funder."""
