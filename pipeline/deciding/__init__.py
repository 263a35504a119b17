"""What officers see and decide, and how it is taken back. Pays nothing itself."""
