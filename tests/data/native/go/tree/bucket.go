package bucket

func Take(n int) bool { return false }
