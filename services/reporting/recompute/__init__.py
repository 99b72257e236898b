"""The figures a second time, in plain Python from a report's frozen rows. Shares nothing with the SQL of `figures`."""
