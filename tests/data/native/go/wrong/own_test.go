package bucket

import "testing"

func TestTake(t *testing.T) { t.Fatal() }
