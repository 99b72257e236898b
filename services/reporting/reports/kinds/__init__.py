"""The kinds of reports: one module each, with its sections, its lists and its readers."""
