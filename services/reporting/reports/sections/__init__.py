"""The sections of a report: which figures stand where, in the words of its language."""
