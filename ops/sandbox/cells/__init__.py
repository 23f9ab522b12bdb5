"""The processes that serve cells, and how they are found, started and ended."""
