"""What a user's hours bear out: when they sit worse, what helped, and whether it gets better."""
