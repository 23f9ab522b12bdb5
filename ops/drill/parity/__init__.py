"""What recovery must have as home has it, asked in both regions and changed in neither."""
