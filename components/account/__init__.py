"""What an AWS account has once, and what it has once in each region: owned by one stack."""
