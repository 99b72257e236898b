"""The page that tells who stated or changed what of follow-up."""
