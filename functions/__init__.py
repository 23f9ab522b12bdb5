"""What runs in AWS Lambda. Imports nothing of the program that declares it."""
