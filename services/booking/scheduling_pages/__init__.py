"""The pages on which the office plans sessions: the board, and each session from scheduling to cancelling."""
