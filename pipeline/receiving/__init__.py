"""From the first file to the receipt: drafts, claims, reporters, letters. Judges nothing."""
