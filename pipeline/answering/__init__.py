"""What reporters are told, how they are reached, and what they can see. Decides nothing."""
