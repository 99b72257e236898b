"""Sessions (kurstillfällen): one dated delivery of a course, its occasions and its seats."""
