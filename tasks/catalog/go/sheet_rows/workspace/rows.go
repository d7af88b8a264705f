package sheet

import "errors"

// InsertRows makes room for count empty rows before a row.
func (s *Sheet) InsertRows(before, count int) error {
	return errors.New("not written yet")
}

// DeleteRows removes count rows from first on.
func (s *Sheet) DeleteRows(first, count int) error {
	return errors.New("not written yet")
}
