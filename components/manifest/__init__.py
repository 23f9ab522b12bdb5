"""What a failover needs to know, kept where it will be needed."""
