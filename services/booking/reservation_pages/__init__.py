"""The pages of reservations: they show sessions, whose own page shows reservations."""
