// Package schedule says when things that are to be done at certain times are due next.
package schedule

import (
	"fmt"
	"strings"
	"time"
)

const years = 50

// nth is the so-many-th weekday of a month; count 0 is the last one.
type nth struct{ weekday, count int }

// Schedule is a set of local times.
type Schedule struct {
	minutes, hours, days, months, weekdays set
	everyHour                              bool
	fromLast                               set // L-K
	nearest                                set // NW
	nths                                   []nth
}

// Parse reads the five fields of a schedule.
func Parse(text string) (*Schedule, error) {
	fields := strings.FieldsFunc(strings.Map(upper, text), func(char rune) bool { return char == ' ' || char == '\t' })
	if len(fields) != 5 {
		return nil, fmt.Errorf("schedule %q has not five fields", text)
	}
	s := &Schedule{everyHour: fields[1] == "*"}
	into := []struct {
		field field
		set   *set
		other func(string) error
	}{
		{minuteField, &s.minutes, nil},
		{hourField, &s.hours, nil},
		{dayField, &s.days, s.dayItem},
		{monthField, &s.months, nil},
		{weekdayField, &s.weekdays, s.weekdayItem},
	}
	for i, f := range into {
		for _, item := range strings.Split(fields[i], ",") {
			found, err := f.field.item(item)
			if err != nil && f.other != nil {
				err = f.other(item)
			}
			if err != nil {
				return nil, fmt.Errorf("schedule %q: %s %q: %w", text, f.field.name, item, err)
			}
			*f.set |= found
		}
	}
	return s, nil
}

func upper(char rune) rune {
	if 'a' <= char && char <= 'z' {
		return char - 'a' + 'A'
	}
	return char
}

func (s *Schedule) dayItem(item string) error {
	if item == "L" {
		s.fromLast |= 1
		return nil
	}
	if before, ok := strings.CutPrefix(item, "L-"); ok {
		count, err := number(before, 1, 30)
		s.fromLast |= 1 << count
		return err
	}
	if day, ok := strings.CutSuffix(item, "W"); ok {
		day, err := number(day, 1, 31)
		s.nearest |= 1 << day
		return err
	}
	return errItem
}

func (s *Schedule) weekdayItem(item string) error {
	name, count, _ := strings.Cut(item, "#")
	weekday, err := weekdayField.value(name)
	if err != nil {
		return err
	}
	found := nth{weekday: weekday}
	if count != "L" {
		if found.count, err = number(count, 1, 5); err != nil {
			return err
		}
	}
	s.nths = append(s.nths, found)
	return nil
}

// Next returns the first run after a time, if there is one within 50 years.
func (s *Schedule) Next(after time.Time) (time.Time, bool) {
	year, month, day := after.Date()
	latest := after.AddDate(years, 0, 0)
	// A gap may be a day long, and what lies in it runs after it.
	date := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	for ; date.Year() <= latest.Year()+1; date = date.AddDate(0, 0, 1) {
		found := s.first(date, after)
		if found.IsZero() {
			continue
		}
		// Where the clock is put back over midnight, the next date begins before this one ends.
		if other := s.first(date.AddDate(0, 0, 1), after); !other.IsZero() && other.Before(found) {
			found = other
		}
		if found.After(latest) {
			break
		}
		return found.In(after.Location()), true
	}
	return time.Time{}, false
}

// first returns the first run after a time of those on a date.
func (s *Schedule) first(date, after time.Time) time.Time {
	var first time.Time
	if !s.matches(date) {
		return first
	}
	stretches := stretchesAround(date, after.Location())
	for hour := 0; hour < 24; hour++ {
		for minute := 0; minute < 60; minute++ {
			if !s.hours.has(hour) || !s.minutes.has(minute) {
				continue
			}
			wall := date.Add(time.Duration(hour*60+minute) * time.Minute)
			for _, run := range s.runs(wall, after.Location(), stretches) {
				if run.After(after) && (first.IsZero() || run.Before(first)) {
					first = run
				}
			}
		}
	}
	return first
}

func (s *Schedule) runs(wall time.Time, location *time.Location, stretches []stretch) []time.Time {
	found := instants(wall, stretches)
	switch {
	case s.everyHour:
		return found
	case len(found) == 0:
		if end := afterGap(wall, stretches); end.In(location).Day() == wall.Day() {
			return []time.Time{end}
		}
		return nil
	}
	return found[:1]
}

func (s *Schedule) matches(date time.Time) bool {
	if !s.months.has(int(date.Month())) {
		return false
	}
	last := time.Date(date.Year(), date.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return s.matchesDay(date, last) && s.matchesWeekday(date, last)
}

func (s *Schedule) matchesDay(date time.Time, last int) bool {
	day := date.Day()
	if s.days.has(day) || s.fromLast.has(last-day) {
		return true
	}
	for wanted := 1; wanted <= last; wanted++ {
		if s.nearest.has(wanted) && nearest(date.AddDate(0, 0, wanted-day), last) == day {
			return true
		}
	}
	return false
}

// nearest returns the working day nearest to a date in its month, which has so many days.
func nearest(date time.Time, last int) int {
	day := date.Day()
	switch date.Weekday() {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == last {
			return day - 2
		}
		return day + 1
	}
	return day
}

func (s *Schedule) matchesWeekday(date time.Time, last int) bool {
	weekday := (int(date.Weekday())+6)%7 + 1
	if s.weekdays.has(weekday) {
		return true
	}
	for _, n := range s.nths {
		isLast := n.count == 0 && date.Day()+7 > last
		if n.weekday == weekday && (isLast || n.count == (date.Day()+6)/7) {
			return true
		}
	}
	return false
}
