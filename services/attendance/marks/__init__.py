"""What trainers marked: attended minutes with their provenance."""
