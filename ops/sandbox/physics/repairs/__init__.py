"""What repairs itself in the local cloud: Systems Manager's automations, and the scripts that they run."""
