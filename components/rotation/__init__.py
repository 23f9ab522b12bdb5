"""Passwords and tokens change by themselves, on the side where their secret is kept."""
