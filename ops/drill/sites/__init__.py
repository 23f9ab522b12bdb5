"""The places where drills can be run."""
