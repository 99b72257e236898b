"""The project, its municipalities and their commitments, courses, packages and titles."""
