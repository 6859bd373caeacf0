"""What happens to an alert once it exists: written as a line, sent to outputs."""
