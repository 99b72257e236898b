"""The waiting list (reservlista): who waits for a seat, in which order, and why not yet."""
