package bucket_test

import (
	"os"
	"strings"
	"testing"

	"example.org/bucket"
)

func TestTake(t *testing.T) {
	said, err := os.ReadFile("testdata/takes.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := bucket.Take(len(strings.Fields(string(said)))); !got {
		t.Errorf("Take(2) = %v", got)
	}
}

func TestTooMany(t *testing.T) {
	if bucket.Take(9) {
		t.Error("nine were there")
	}
}
