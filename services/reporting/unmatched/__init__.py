"""What the figures cannot place."""
