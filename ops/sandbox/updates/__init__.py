"""A standing cell brought to the program's next state."""
