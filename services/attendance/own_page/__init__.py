"""The participant's own page: sessions, hours and certificates, and signing the hours."""
