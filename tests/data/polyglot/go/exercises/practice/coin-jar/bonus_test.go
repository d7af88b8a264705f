//go:build bonus

package coinjar

import "testing"

func TestPayAFortune(t *testing.T) {
	if coins, err := Pay(1_000_000); err != nil || len(coins) != 40_000 {
		t.Errorf("Pay(1000000) gave %d coins, %v, want 40000", len(coins), err)
	}
}
