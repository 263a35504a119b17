"""Days that no calendar gave: loading a year, filling in, rulings by two. Counts no money."""
