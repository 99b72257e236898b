"""Checking in by a code that changes: on the trainer's screen, scanned by participants."""
