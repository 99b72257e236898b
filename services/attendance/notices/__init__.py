"""What attendance tells people by mail."""
