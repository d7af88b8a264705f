/* Our scripts begin here; pages are complete without them. */
