package coinjar

import "errors"

var kinds = []int{25, 10, 5, 1}

// Worth says what coins are worth together.
func Worth(coins []int) (int, error) {
	total := 0
	for _, coin := range coins {
		if coin != 1 && coin != 5 && coin != 10 && coin != 25 {
			return 0, errors.New("there is no such coin")
		}
		total += coin
	}
	return total, nil
}

// Pay returns the coins that make an amount, the largest first.
func Pay(amount int) ([]int, error) {
	if amount < 0 {
		return nil, errors.New("nobody can pay that")
	}
	coins := []int{}
	for _, kind := range kinds {
		for ; amount >= kind; amount -= kind {
			coins = append(coins, kind)
		}
	}
	return coins, nil
}
