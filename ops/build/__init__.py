"""`python -m ops build`: what Lambda runs, from pinned wheels and our own code, the same bytes on any machine."""
