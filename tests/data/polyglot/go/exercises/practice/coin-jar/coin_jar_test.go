package coinjar

import (
	"reflect"
	"testing"
)

func TestWorth(t *testing.T) {
	for _, tc := range worthCases {
		t.Run(tc.description, func(t *testing.T) {
			got, err := Worth(tc.coins)
			if err != nil || got != tc.want {
				t.Errorf("Worth(%v) = %d, %v, want %d", tc.coins, got, err, tc.want)
			}
		})
	}
}

func TestWorthOfCoinsThatDoNotExist(t *testing.T) {
	t.Skip("remove this line when the first test passes")
	if _, err := Worth([]int{3}); err == nil {
		t.Error("Worth([3]) should be an error")
	}
}

func TestPay(t *testing.T) {
	got, err := Pay(41)
	if want := []int{25, 10, 5, 1}; err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("Pay(41) = %v, %v, want %v", got, err, want)
	}
}

func TestPayLessThanNothing(t *testing.T) {
	if _, err := Pay(-1); err == nil {
		t.Error("Pay(-1) should be an error")
	}
}
