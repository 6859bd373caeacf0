"""Services of GitHub: https://docs.github.com."""
