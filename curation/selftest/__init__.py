"""What the scorers are worth on the user's own rows: known defects are planted, looked for, and counted."""
