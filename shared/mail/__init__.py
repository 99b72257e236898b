"""Mail: written once, sent by a job until the server has taken it, and kept in a table of what went to whom."""
