"""Packagist: the packages of PHP."""
