"""Booking: what is taught, who may attend, and who has which seat."""
