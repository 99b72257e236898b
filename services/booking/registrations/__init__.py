"""Registrations (anmälningar): one person on one session."""
