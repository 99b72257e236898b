"""The files of a report, one module a format: each is made of the same presentation, and computes nothing."""
