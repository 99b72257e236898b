"""Where the funder, the evaluator and the office begin to follow up."""
