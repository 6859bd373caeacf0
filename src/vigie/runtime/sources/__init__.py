"""Sources of events that are opened from Python: receivers of what others send."""
