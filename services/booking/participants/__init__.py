"""One human is one participant: a number that changes, and two participants that are found to be one."""
