"""The purse: pure money. Same input, same transfers; the store enforces what is said here."""
