"""The pages: one module per noun, strangers to one another."""
