"""Lambda and SQS over time: messages, and the platform's own code that works them off."""
