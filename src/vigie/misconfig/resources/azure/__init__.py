"""Services of Microsoft Azure: https://learn.microsoft.com/azure."""
