"""Burned seats: seats that a municipality had and left empty."""
