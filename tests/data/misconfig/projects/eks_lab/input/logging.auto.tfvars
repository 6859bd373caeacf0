log_types = ["api", "audit"]
