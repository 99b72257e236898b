"""Blackouts (spärrtider): when a municipality cannot send anybody. Booking warns of them, planning avoids them."""
