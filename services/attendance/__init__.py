"""The attendance service: rolls, marks, seals and surveys."""
