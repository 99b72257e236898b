"""Who is on a session's roll, and what the roll says."""
