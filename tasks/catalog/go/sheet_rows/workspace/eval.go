package sheet

import (
	"errors"
	"math"
)

// What a formula's value may be instead of a number.
var (
	errDivision = errors.New("#DIV/0!")
	errNumber   = errors.New("#NUM!")
	errCycle    = errors.New("#CYCLE!")
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
	}
	panic("sheet: no such expression")
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
