"""Those who teach."""
