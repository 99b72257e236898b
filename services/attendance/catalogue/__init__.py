"""What attendance shows of the catalogue: what the project and its municipalities are called."""
