"""What repairs itself: scripts that SSM Automation runs, each a file of its own with nothing but boto3."""
