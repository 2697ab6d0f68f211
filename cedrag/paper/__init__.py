"""The published numbers: which parameters they imply, and a verdict on each."""
