"""Where trainers and the office begin."""
