"""What an arm scored, and arms side by side."""
