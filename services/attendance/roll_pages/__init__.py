"""Pages of rolls: read, marked, attested, corrected, printed, and told as a story."""
