"""The hands: every effect of the product. The rooms stand in the order of the work."""
