package clock

func Ticks() int { return three }
