"""The hands: every effect of the product. One module a stage, in the order of the work."""
