package sheet

import (
	"errors"
	"math"
	"slices"
)

// What a formula's value may be instead of a number.
var (
	errDivision = errors.New("#DIV/0!")
	errNumber   = errors.New("#NUM!")
	errCycle    = errors.New("#CYCLE!")
	errLost     = errors.New("#REF!")
)

type result struct {
	value int64
	err   error
}

// evaluation remembers the results of cells, so that each is worked out once.
type evaluation struct {
	sheet *Sheet
	done  map[ref]result
	begun map[ref]bool
}

// cell returns the value of a cell; an empty one is 0.
func (e *evaluation) cell(at ref) (int64, error) {
	if known, ok := e.done[at]; ok {
		return known.value, known.err
	}
	if e.begun[at] {
		return 0, errCycle
	}
	found := e.sheet.cells[at]
	if found == nil {
		return 0, nil
	}
	e.begun[at] = true
	value, err := e.value(found)
	e.done[at] = result{value, err}
	return value, err
}

// value goes from left to right and ends at the first error.
func (e *evaluation) value(of expr) (int64, error) {
	switch of := of.(type) {
	case formula:
		return e.value(of.expr)
	case number:
		return int64(of), nil
	case ref:
		return e.cell(of)
	case parens:
		return e.value(of.inner)
	case minus:
		value, err := e.value(of.of)
		if err != nil {
			return 0, err
		}
		return calculate('-', 0, value)
	case binary:
		left, err := e.value(of.left)
		if err != nil {
			return 0, err
		}
		right, err := e.value(of.right)
		if err != nil {
			return 0, err
		}
		return calculate(of.operator, left, right)
	case call:
		return e.call(of)
	case lost:
		return 0, errLost
	}
	panic("sheet: no such expression")
}

func (e *evaluation) call(of call) (int64, error) {
	var values []int64
	for _, argument := range of.arguments {
		found, err := e.values(argument)
		if err != nil {
			return 0, err
		}
		values = append(values, found...)
	}
	switch {
	case of.name == "COUNT":
		return int64(len(values)), nil
	case of.name == "SUM":
		return total(values)
	case len(values) == 0:
		return 0, errNumber
	case of.name == "MIN":
		return slices.Min(values), nil
	default:
		return slices.Max(values), nil
	}
}

// values returns the values of an argument, row by row; empty cells have none.
func (e *evaluation) values(of expr) ([]int64, error) {
	var cells span
	switch of := of.(type) {
	case span:
		cells = of
	case ref:
		cells = span{of, of}
	default:
		value, err := e.value(of)
		return []int64{value}, err
	}
	var found []int64
	for row := cells.first.row; row <= cells.last.row; row++ {
		for column := cells.first.column; column <= cells.last.column; column++ {
			at := ref{column, row}
			if e.sheet.cells[at] == nil {
				continue
			}
			value, err := e.cell(at)
			if err != nil {
				return nil, err
			}
			found = append(found, value)
		}
	}
	return found, nil
}

// total is exact: only the sum itself must be in range, not those on the way.
func total(values []int64) (int64, error) {
	sum := int64(0)
	for _, value := range values {
		var err error
		if sum, err = calculate('+', sum, value); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

func calculate(operator byte, a, b int64) (int64, error) {
	switch operator {
	case '+':
		if sum := a + b; (sum > a) == (b > 0) {
			return sum, nil
		}
	case '-':
		if difference := a - b; (difference < a) == (b > 0) {
			return difference, nil
		}
	case '*':
		if a == 0 || b == 0 {
			return 0, nil
		}
		product := a * b
		if product/b == a && !(a == -1 && b == math.MinInt64) && !(b == -1 && a == math.MinInt64) {
			return product, nil
		}
	case '/':
		if b == 0 {
			return 0, errDivision
		}
		if !(a == math.MinInt64 && b == -1) {
			return a / b, nil
		}
	}
	return 0, errNumber
}
