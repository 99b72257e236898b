"""Recording batches of marks from devices, and reading everything that was marked."""
