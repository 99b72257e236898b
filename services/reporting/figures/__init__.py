"""Figures: pure functions of the facts below a cut-off. Nothing here reads a database or a clock."""
