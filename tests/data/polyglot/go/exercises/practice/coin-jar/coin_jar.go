package coinjar

// Worth says what coins are worth together.
func Worth(coins []int) (int, error) {
	panic("Please implement the Worth function")
}

// Pay returns the coins that make an amount, the largest first.
func Pay(amount int) ([]int, error) {
	panic("Please implement the Pay function")
}
