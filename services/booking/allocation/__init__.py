"""Who gets which seat: the core that every act on a session goes through. It imports no noun above it."""
