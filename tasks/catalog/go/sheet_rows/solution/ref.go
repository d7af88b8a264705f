package sheet

import (
	"fmt"
	"strconv"
	"strings"
)

const rows = 999

// ref names a cell. Columns and rows count from 1.
type ref struct{ column, row int }

func (r ref) String() string { return fmt.Sprintf("%c%d", 'A'+r.column-1, r.row) }

// parseRef reads a cell's name, such as B12, in either case.
func parseRef(text string) (ref, bool) {
	text = strings.ToUpper(text)
	if len(text) < 2 || text[0] < 'A' || text[0] > 'Z' || text[1] < '1' || text[1] > '9' {
		return ref{}, false
	}
	row, err := strconv.Atoi(text[1:])
	if err != nil || row > rows {
		return ref{}, false
	}
	return ref{column: int(text[0]-'A') + 1, row: row}, true
}
