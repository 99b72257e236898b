"""Jobs: what a service does later, once, in any of its processes."""
