"""The pages, complete without JavaScript; one module a page."""
