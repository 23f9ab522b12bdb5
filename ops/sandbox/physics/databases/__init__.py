"""RDS over time: who can be written, who follows whom, and what the API says meanwhile."""
