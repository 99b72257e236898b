"""Frozen reports: what the funder gets, and can check against its rows on any later day."""
