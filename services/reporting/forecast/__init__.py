"""Where the hours will stand at the end of the project."""
