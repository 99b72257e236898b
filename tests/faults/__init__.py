"""What happens when processes die: nothing is lost, nothing is doubled, nothing is half-done."""
