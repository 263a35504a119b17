"""Days that no calendar gave: loading a year, filling in, and what two people settle. Counts no money."""
