"""Asks container runtimes, in the background, what a container is: name, image, labels, mounts, pod."""
