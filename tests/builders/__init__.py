"""Make small inputs of every kind for tests: images, archives, programs, databases."""
