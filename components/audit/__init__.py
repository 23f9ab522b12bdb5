"""The audit trail: who did what, and when, recorded by CloudTrail."""
