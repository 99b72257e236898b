"""What was paid in, what it was spent on, and for which months that is told."""
