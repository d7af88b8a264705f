// Package schedule says when things that are to be done at certain times are due next.
package schedule

import (
	"errors"
	"time"
)

// Schedule is a set of local times.
type Schedule struct{}

// Parse reads the five fields of a schedule.
func Parse(text string) (*Schedule, error) {
	return nil, errors.New("not written yet")
}

// Next returns the first run after a time, if there is one within 50 years.
func (s *Schedule) Next(after time.Time) (time.Time, bool) {
	return time.Time{}, false
}
