"""A side's web tier: the release, how an instance boots into it, and the Auto Scaling group that runs it."""
