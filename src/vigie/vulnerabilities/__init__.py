"""What is known about vulnerabilities, and how packages are judged by it."""
