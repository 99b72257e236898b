"""Facts and current state anew from the topics, beside those that count."""
