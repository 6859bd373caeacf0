"""A watch that goes on until it is told to stop: sources of events in threads, and what happens around them."""
