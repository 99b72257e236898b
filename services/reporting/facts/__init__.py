"""Facts: one immutable row per event, and how far every stream has been read."""
