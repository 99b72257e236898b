"""Suites that specify a contract once: envelope, golden files, outbox, inbox, pipeline, unit of work."""
