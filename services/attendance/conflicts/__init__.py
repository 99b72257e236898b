"""Contradictions that a person must decide."""
