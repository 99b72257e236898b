"""The trainer's phone: a day's rolls to take along, and what was marked on the way."""
