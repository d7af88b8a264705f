// Package pages writes and reads lists of page numbers in the short form of an index.
package pages

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	maxDigits  = 5
	shortestOf = 3 // So many consecutive pages become a range.
)

// Format returns the short form of page numbers.
func Format(numbers []int) string {
	sorted := slices.Clone(numbers)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	var items []string
	for start := 0; start < len(sorted); {
		end := start + 1
		for end < len(sorted) && sorted[end] == sorted[end-1]+1 {
			end++
		}
		if end-start >= shortestOf {
			items = append(items, span(sorted[start], sorted[end-1]))
		} else {
			for _, page := range sorted[start:end] {
				items = append(items, strconv.Itoa(page))
			}
		}
		start = end
	}
	return strings.Join(items, ",")
}

func span(first, last int) string {
	from, to := strconv.Itoa(first), strconv.Itoa(last)
	shared := 0
	for shared < len(from) && from[shared] == to[shared] {
		shared++
	}
	return from + "-" + to[shared:]
}

// Parse returns the pages that a short form names, in ascending order.
func Parse(text string) ([]int, error) {
	found := []int{}
	if strings.Trim(text, " ") == "" {
		return found, nil
	}
	for _, item := range strings.Split(text, ",") {
		item = strings.Trim(item, " ")
		first, last, ok := bounds(item)
		if !ok {
			return nil, fmt.Errorf("wrong item %q", item)
		}
		for page := first; page <= last; page++ {
			found = append(found, page)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

func bounds(item string) (first, last int, ok bool) {
	from, to, isRange := strings.Cut(item, "-")
	if !isNumber(from) || isRange && !isNumber(to) {
		return 0, 0, false
	}
	first, _ = strconv.Atoi(from)
	if !isRange {
		return first, first, true
	}
	if len(to) < len(from) {
		to = from[:len(from)-len(to)] + to
	}
	last, _ = strconv.Atoi(to)
	return first, last, last > first
}

func isNumber(text string) bool {
	if text == "" || len(text) > maxDigits || text[0] == '0' {
		return false
	}
	return strings.Trim(text, "0123456789") == ""
}
