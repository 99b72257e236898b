"""The current state: what the latest fact of each thing says, as tables that figures ask."""
