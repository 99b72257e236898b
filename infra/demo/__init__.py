"""Kompetensnavet's year 2025, entered through the public HTTP API, and the actors who enter it."""
