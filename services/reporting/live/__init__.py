"""The running year's figures as they change."""
