"""What was answered to surveys: for the project office, session by session, course by course, year by year."""
