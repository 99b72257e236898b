"""Sealing a roll, verifying seals, correcting what was sealed."""
