"""Which control of which framework is met by what, and which test proves it."""
