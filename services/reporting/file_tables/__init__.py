"""Tables from files that are taken in as a whole or not at all."""
