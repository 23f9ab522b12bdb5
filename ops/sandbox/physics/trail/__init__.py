"""CloudTrail: which calls become records, and where the records go."""
