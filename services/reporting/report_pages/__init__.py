"""The pages of reports: read, check, compare; and whether a file is one of ours."""
