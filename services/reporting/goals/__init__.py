"""What the project has promised to reach, and by which figures that is seen."""
