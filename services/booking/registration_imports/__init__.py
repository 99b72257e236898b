"""Registrations from a file: lists that a municipality kept elsewhere."""
