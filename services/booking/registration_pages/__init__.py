"""The pages of registrations: they show sessions and the queue beside them, which registrations know nothing of."""
