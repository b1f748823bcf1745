"""The rules: plain Python, no input or output, no clock."""
