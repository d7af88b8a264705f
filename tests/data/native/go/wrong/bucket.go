package bucket

func Take(n int) bool { return n < 3 }
