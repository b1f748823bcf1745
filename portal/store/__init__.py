"""The rows: one module per aggregate, with its tables, its queries and its way back into the domain."""
