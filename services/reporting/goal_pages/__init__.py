"""The pages of goals: what was promised and what has been reached, and all of it to edit."""
