"""What follows from decisions in money: awards, collection, batches, statements. Opens no evidence."""
