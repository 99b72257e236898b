"""The pages on which the office orders a report, or a new version of one."""
