"""Reading of uploaded tables, and jobs for the long ones."""
