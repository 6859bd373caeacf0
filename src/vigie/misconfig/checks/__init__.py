"""What is wrong with it: one file per service, one small function per check."""
