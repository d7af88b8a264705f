package clock

func Ticks() int { return 4 }
