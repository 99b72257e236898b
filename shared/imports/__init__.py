"""Reading of uploaded tables, for every import."""
