"""What follows from decisions in money: awards, collection, batches, books. Opens no evidence."""
