"""Backups: locked vaults, the plan that fills them, and the tests that prove they can be restored."""
