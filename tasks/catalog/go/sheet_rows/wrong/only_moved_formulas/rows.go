package sheet

// InsertRows makes room for count empty rows before a row.
func (s *Sheet) InsertRows(before, count int) error {
	if before < 1 || before > rows || count < 1 || count > rows {
		return ErrRows
	}
	for at := range s.cells {
		if at.row >= before && at.row+count > rows {
			return ErrFull
		}
	}
	shifted := func(row int) int {
		if row >= before {
			return row + count
		}
		return row
	}
	s.move(shifted, shifted)
	return nil
}

// DeleteRows removes count rows from first on.
func (s *Sheet) DeleteRows(first, count int) error {
	if first < 1 || first > rows || count < 1 || count > rows-first+1 {
		return ErrRows
	}
	for at := range s.cells {
		if at.row >= first && at.row < first+count {
			delete(s.cells, at)
		}
	}
	top := func(row int) int {
		if row < first {
			return row
		}
		return max(first, row-count)
	}
	bottom := func(row int) int {
		if row < first {
			return row
		}
		return max(first-1, row-count)
	}
	s.move(top, bottom)
	return nil
}

// move moves all cells and what names them. The functions say where a row goes as the first and as the last of a
// range; a row that is gone goes to a last one above its first.
func (s *Sheet) move(top, bottom func(int) int) {
	m := mover{top, bottom}
	moved := make(map[ref]expr, len(s.cells))
	for at, content := range s.cells {
		to := ref{at.column, top(at.row)}
		if to != at {
			content = m.moved(content)
		}
		moved[to] = content
	}
	s.cells = moved
}

type mover struct{ top, bottom func(int) int }

func (m mover) moved(of expr) expr {
	switch of := of.(type) {
	case formula:
		return formula{m.moved(of.expr)}
	case parens:
		return parens{m.moved(of.inner)}
	case minus:
		return minus{m.moved(of.of)}
	case binary:
		return binary{operator: of.operator, left: m.moved(of.left), right: m.moved(of.right)}
	case call:
		arguments := make([]expr, len(of.arguments))
		for i, argument := range of.arguments {
			arguments[i] = m.moved(argument)
		}
		return call{name: of.name, arguments: arguments}
	case ref:
		if moved, ok := m.span(span{of, of}); ok {
			return moved.first
		}
		return lost{}
	case span:
		if moved, ok := m.span(of); ok {
			return moved
		}
		return lost{}
	}
	return of
}

// span says where a range is now, and whether there is anything left of it.
func (m mover) span(of span) (span, bool) {
	of.first.row = m.top(of.first.row)
	of.last.row = min(m.bottom(of.last.row), rows)
	return of, of.first.row <= of.last.row
}
