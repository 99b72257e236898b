"""Pages of certifying a roll: attesting it, correcting it, and what happened to it."""
