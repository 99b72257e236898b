"""House rules, as small linters."""
