"""Actions, by service: each changes one thing through an explicit client, and names its reversal in the catalog."""
