"""The file for the statistics authority: its columns are data, in versions with a day from which each holds."""
