"""What the platform declares: one capability a module or folder, arithmetic in pure modules beside it."""
