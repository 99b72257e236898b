"""Placements: people on placement or shadowing, followed up week by week. Never course hours, never in events."""
