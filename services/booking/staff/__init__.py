"""People, their employments, and the vault of personal numbers."""
