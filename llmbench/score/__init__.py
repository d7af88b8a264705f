"""What records say: pass@k, intervals, tools, machine, trust. Pure functions."""
