// Package pages writes and reads lists of page numbers in the short form of an index.
package pages

import "errors"

// Format returns the short form of page numbers.
func Format(numbers []int) string {
	return ""
}

// Parse returns the pages that a short form names, in ascending order.
func Parse(text string) ([]int, error) {
	return nil, errors.New("not written yet")
}
