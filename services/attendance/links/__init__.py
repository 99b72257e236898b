"""Personal links: how participants come to their own page, without a login."""
