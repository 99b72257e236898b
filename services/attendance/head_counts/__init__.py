"""People counted without names; never hours."""
