"""The county's mapping of competence: organisation × occupation, a year at a time."""
