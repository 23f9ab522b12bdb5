"""An upload to a standing cell, as an application would follow it."""
