"""What is done beside the courses: manager breakfasts, network days. Never in unique persons or hours."""
