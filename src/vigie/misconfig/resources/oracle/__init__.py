"""Services of Oracle Cloud: https://docs.oracle.com."""
