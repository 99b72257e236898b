"""Reservations (platsreservationer): seats held by a municipality before the names are known."""
