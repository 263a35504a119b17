"""What the product costs and how often it is right, measured against rivals in the same run.

None of it is a test.
"""
