"""Runs the real program offline and keeps a record of everything that it registers."""
