"""`make bench`: what the services do on this machine beside the barest program that could do the same."""
