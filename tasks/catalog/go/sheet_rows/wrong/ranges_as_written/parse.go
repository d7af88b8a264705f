package sheet

import (
	"slices"
	"strconv"
	"strings"
)

// parser reads a formula. Spaces may stand between tokens.
type parser struct{ rest string }

// parseFormula reads what follows the equals sign.
func parseFormula(text string) (expr, error) {
	p := &parser{rest: text}
	found, err := p.sum()
	if err != nil {
		return nil, err
	}
	if p.peek() != 0 {
		return nil, ErrSyntax
	}
	return found, nil
}

// peek returns the next character that is no space, or 0 at the end.
func (p *parser) peek() byte {
	p.rest = strings.TrimLeft(p.rest, " ")
	if p.rest == "" {
		return 0
	}
	return p.rest[0]
}

func (p *parser) take() byte {
	taken := p.peek()
	p.rest = p.rest[1:]
	return taken
}

func (p *parser) sum() (expr, error) {
	return p.chain("+-", p.product)
}

func (p *parser) product() (expr, error) {
	return p.chain("*/", p.factor)
}

func (p *parser) chain(operators string, operand func() (expr, error)) (expr, error) {
	left, err := operand()
	for err == nil && p.peek() != 0 && strings.IndexByte(operators, p.peek()) >= 0 {
		operator := p.take()
		var right expr
		right, err = operand()
		left = binary{operator: operator, left: left, right: right}
	}
	return left, err
}

func (p *parser) factor() (expr, error) {
	switch next := p.peek(); {
	case next == '-':
		p.take()
		of, err := p.factor()
		return minus{of}, err
	case next == '(':
		p.take()
		inner, err := p.sum()
		if err != nil {
			return nil, err
		}
		if p.peek() != ')' {
			return nil, ErrSyntax
		}
		p.take()
		return parens{inner}, nil
	case isDigit(next):
		value, err := strconv.ParseInt(p.word(), 10, 64)
		if err != nil {
			return nil, ErrSyntax
		}
		return number(value), nil
	case next == '#':
		if len(p.rest) >= len("#REF!") && strings.EqualFold(p.rest[:len("#REF!")], "#REF!") {
			p.rest = p.rest[len("#REF!"):]
			return lost{}, nil
		}
	case isLetter(next):
		word := p.word()
		if found, ok := parseRef(word); ok {
			return found, nil
		}
		return p.call(strings.ToUpper(word))
	}
	return nil, ErrSyntax
}

// call reads the arguments of a function.
func (p *parser) call(name string) (expr, error) {
	if !slices.Contains([]string{"SUM", "MIN", "MAX", "COUNT"}, name) || p.peek() != '(' {
		return nil, ErrSyntax
	}
	found := call{name: name}
	for {
		p.take()
		argument, err := p.argument()
		if err != nil {
			return nil, err
		}
		found.arguments = append(found.arguments, argument)
		switch p.peek() {
		case ',':
		case ')':
			p.take()
			return found, nil
		default:
			return nil, ErrSyntax
		}
	}
}

// argument reads an expression or a range.
func (p *parser) argument() (expr, error) {
	found, err := p.sum()
	if err != nil || p.peek() != ':' {
		return found, err
	}
	p.take()
	p.peek()
	one, ok := found.(ref)
	other, isRef := parseRef(p.word())
	if !ok || !isRef {
		return nil, ErrSyntax
	}
	return span{
		first: one,
		last:  other,
	}, nil
}

// word takes letters and digits.
func (p *parser) word() string {
	end := 0
	for end < len(p.rest) && (isLetter(p.rest[end]) || isDigit(p.rest[end])) {
		end++
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	return word
}

func isDigit(char byte) bool { return '0' <= char && char <= '9' }

func isLetter(char byte) bool { return 'a' <= char && char <= 'z' || 'A' <= char && char <= 'Z' }
