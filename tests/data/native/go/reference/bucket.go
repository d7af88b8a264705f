package bucket

import "example.org/bucket/internal/clock"

func Take(n int) bool { return n <= clock.Ticks() }
