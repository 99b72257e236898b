"""The page of figures: as a report has them, of today."""
