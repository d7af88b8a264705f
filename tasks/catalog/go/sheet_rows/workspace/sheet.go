// Package sheet is a small spreadsheet of whole numbers: 26 columns, A to Z, and rows 1 to 999.
package sheet

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// What can go wrong.
var (
	ErrCell   = errors.New("sheet: no such cell")
	ErrSyntax = errors.New("sheet: neither a number nor a formula")
	ErrRows   = errors.New("sheet: no such rows")
	ErrFull   = errors.New("sheet: a cell would leave the sheet")
)

var numeric = regexp.MustCompile(`^-?[0-9]+$`)

// Sheet holds cells. Empty ones are not in it.
type Sheet struct{ cells map[ref]expr }

// formula is what was written with an equals sign, as opposed to a number.
type formula struct{ expr }

// New returns an empty sheet.
func New() *Sheet { return &Sheet{cells: map[ref]expr{}} }

// Set fills a cell with a number or a formula, or empties it. On an error nothing changes.
func (s *Sheet) Set(cell, text string) error {
	at, ok := parseRef(cell)
	if !ok {
		return ErrCell
	}
	if text == "" {
		delete(s.cells, at)
		return nil
	}
	if rest, ok := strings.CutPrefix(text, "="); ok {
		found, err := parseFormula(rest)
		if err != nil {
			return err
		}
		s.cells[at] = formula{found}
		return nil
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !numeric.MatchString(text) {
		return ErrSyntax
	}
	s.cells[at] = number(value)
	return nil
}

// Text returns what is in a cell: a number, a formula without spaces and in capitals, or nothing.
func (s *Sheet) Text(cell string) string {
	at, _ := parseRef(cell)
	switch found := s.cells[at].(type) {
	case nil:
		return ""
	case formula:
		return "=" + found.String()
	default:
		return found.String()
	}
}

// Value returns the value of a cell: a number, an error such as #DIV/0!, or nothing if the cell is empty.
func (s *Sheet) Value(cell string) string {
	at, _ := parseRef(cell)
	if s.cells[at] == nil {
		return ""
	}
	e := &evaluation{sheet: s, done: map[ref]result{}, begun: map[ref]bool{}}
	value, err := e.cell(at)
	if err != nil {
		return err.Error()
	}
	return strconv.FormatInt(value, 10)
}
