package clock

import "testing"

func TestTicks(t *testing.T) {
	t.Run("one", func(t *testing.T) { equals(t, Ticks(), 3) })
}
