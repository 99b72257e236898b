"""When the parts of a session take place, and what they are worth."""
