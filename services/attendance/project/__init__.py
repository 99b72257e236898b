"""The project's dated settings, as far as attendance needs them."""
