"""The page of co-financing: where it is heading, and what closes the gap."""
