"""Webhooks: a municipality's own systems are told what happens to its rows."""
