"""What the marks of one person on one occasion say: which counts, where they contradict, what overlaps."""
