"""A side's topics and queues."""
