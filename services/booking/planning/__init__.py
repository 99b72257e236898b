"""Demand and planning: which seats the municipalities wish for, and the sessions that would give them."""
