"""The start page of each role, and the pages for everybody."""
