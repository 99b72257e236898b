"""Walk-ins: who came without a registration, taken on the spot."""
