"""S3 over time: replication, deletion and the malware scanner."""
