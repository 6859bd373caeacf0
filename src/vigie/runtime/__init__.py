"""What is happening right now: events of a host against rules, and the alerts that come of it."""
