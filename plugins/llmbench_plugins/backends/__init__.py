"""Model servers that answer requests, started by us or there already."""
