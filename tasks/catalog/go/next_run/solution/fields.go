package schedule

import (
	"errors"
	"strconv"
	"strings"
)

var errItem = errors.New("no such item")

// set holds numbers from 0 to 63.
type set uint64

func (s set) has(value int) bool { return s>>value&1 == 1 }

// field says which values a field takes.
type field struct {
	name              string
	smallest, largest int
	names             []string
	wraps             bool
}

var (
	minuteField  = field{name: "minute", largest: 59, wraps: true}
	hourField    = field{name: "hour", largest: 23, wraps: true}
	dayField     = field{name: "day", smallest: 1, largest: 31}
	monthField   = field{name: "month", smallest: 1, largest: 12, wraps: true, names: monthNames}
	weekdayField = field{name: "weekday", smallest: 1, largest: 7, wraps: true, names: weekdayNames}

	monthNames   = strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")
	weekdayNames = strings.Fields("MON TUE WED THU FRI SAT SUN")
)

// number reads one or two digits.
func number(text string, smallest, largest int) (int, error) {
	if len(text) > 2 || strings.Trim(text, "0123456789") != "" {
		return 0, errItem
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < smallest || value > largest {
		return 0, errItem
	}
	return value, nil
}

func (f field) value(text string) (int, error) {
	for i, name := range f.names {
		if name == text {
			return f.smallest + i, nil
		}
	}
	return number(text, f.smallest, f.largest)
}

// item returns the values of an item that any field may have.
func (f field) item(text string) (set, error) {
	span, stepText, hasStep := strings.Cut(text, "/")
	step := 1
	if hasStep {
		var err error
		if step, err = number(stepText, 1, 99); err != nil {
			return 0, err
		}
	}
	first, last := f.smallest, f.largest
	if span != "*" {
		from, to, isRange := strings.Cut(span, "-")
		var err error
		if first, err = f.value(from); err != nil {
			return 0, err
		}
		last = first
		if isRange {
			if last, err = f.value(to); err != nil {
				return 0, err
			}
		} else if hasStep {
			return 0, errItem
		}
	}
	return f.span(first, last, step)
}

func (f field) span(first, last, step int) (set, error) {
	count := f.largest - f.smallest + 1
	if last < first {
		if !f.wraps {
			return 0, errItem
		}
		last += count
	}
	var found set
	for at := first; at <= last; at += step {
		found |= 1 << (f.smallest + (at-f.smallest)%count)
	}
	return found, nil
}
