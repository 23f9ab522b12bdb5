"""The guardrails as a table, for people and for machines."""
