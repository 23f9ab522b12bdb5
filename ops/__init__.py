"""What people run: `python -m ops`."""
