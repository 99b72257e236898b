"""One example of every published version of every event type; each must be readable forever."""
