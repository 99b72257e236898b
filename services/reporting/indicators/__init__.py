"""The common output indicators of the European Social Fund Plus."""
