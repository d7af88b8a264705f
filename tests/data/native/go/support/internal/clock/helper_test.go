package clock

import "testing"

func equals(t *testing.T, got, want int) {
	if got != want {
		t.Errorf("got %d ticks, want %d", got, want)
	}
}
