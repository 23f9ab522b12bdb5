"""A side's buckets: what each is for, who may write to it, and how long it keeps what."""
