"""Launching: what a browser may ask for, the queue, and the processes, which outlive the dashboard."""
