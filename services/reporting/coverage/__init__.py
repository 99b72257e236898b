"""How far the staff of each title has been trained: the differentiation model against what was attended."""
