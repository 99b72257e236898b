"""What participants have certified: their months, signed by code or on paper, and voided when something changes."""
