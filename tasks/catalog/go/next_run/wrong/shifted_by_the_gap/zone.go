package schedule

import "time"

// stretch is a time during which the local clock is not changed.
type stretch struct {
	begin, end time.Time // Zero where there is none.
	offset     time.Duration
}

func (s stretch) has(instant time.Time) bool {
	return (s.begin.IsZero() || !instant.Before(s.begin)) && (s.end.IsZero() || instant.Before(s.end))
}

// stretchesAround returns those that matter for a date, which is given by its midnight in UTC.
func stretchesAround(date time.Time, location *time.Location) []stretch {
	const before, after = -48 * time.Hour, 72 * time.Hour
	var found []stretch
	for at := date.Add(before).In(location); ; {
		_, seconds := at.Zone()
		begin, end := at.ZoneBounds()
		found = append(found, stretch{begin: begin, end: end, offset: time.Duration(seconds) * time.Second})
		if end.IsZero() || end.After(date.Add(after)) {
			return found
		}
		at = end
	}
}

// instants returns when the local clock shows a time, which is given as if it were UTC.
func instants(wall time.Time, stretches []stretch) []time.Time {
	var found []time.Time
	for _, s := range stretches {
		if instant := wall.Add(-s.offset); s.has(instant) {
			found = append(found, instant)
		}
	}
	return found
}

// afterGap returns the end of the gap in which a local time lies.
func afterGap(wall time.Time, stretches []stretch) time.Time {
	for i, s := range stretches[1:] {
		if change := s.begin; !wall.Before(change.Add(stretches[i].offset)) && wall.Before(change.Add(s.offset)) {
			return wall.Add(-stretches[i].offset)
		}
	}
	return time.Time{}
}
