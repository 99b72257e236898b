"""The files that fill booking: of staff, and of registrations."""
