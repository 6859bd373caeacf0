"""Services of Amazon Web Services: https://docs.aws.amazon.com."""
