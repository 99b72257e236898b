"""The differentiation model: the titles that staff have, and courses are for."""
