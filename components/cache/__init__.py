"""A side's Valkey."""
