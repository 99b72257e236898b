"""Names, contact data and support needs, from the encrypted topic; they leave the service only on a roll."""
