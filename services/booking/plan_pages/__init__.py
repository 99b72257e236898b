"""The pages of demand as the office reads it: what is wished for, and the plan that follows."""
