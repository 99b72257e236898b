"""Documents of one page for a participant to keep: certificates, and what was signed."""
