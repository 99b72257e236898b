"""Documents as PDF: fonts, typesetting, and what every document of the project looks like."""
