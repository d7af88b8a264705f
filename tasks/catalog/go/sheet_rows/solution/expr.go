package sheet

import (
	"strconv"
	"strings"
)

// expr is a part of a formula. Its String is what Text shows.
type expr interface{ String() string }

type (
	number int64
	parens struct{ inner expr }
	minus  struct{ of expr }
	binary struct {
		operator    byte
		left, right expr
	}
	// call is a function with at least one argument.
	call struct {
		name      string
		arguments []expr
	}
	// span is a range: its first cell is the top left one. It is an argument of a call and nothing else.
	span struct{ first, last ref }
	// lost stands for cells that are no more.
	lost struct{}
)

func (n number) String() string { return strconv.FormatInt(int64(n), 10) }
func (p parens) String() string { return "(" + p.inner.String() + ")" }
func (m minus) String() string  { return "-" + m.of.String() }
func (b binary) String() string { return b.left.String() + string(b.operator) + b.right.String() }
func (s span) String() string   { return s.first.String() + ":" + s.last.String() }
func (lost) String() string     { return errLost.Error() }

func (c call) String() string {
	texts := make([]string, len(c.arguments))
	for i, argument := range c.arguments {
		texts[i] = argument.String()
	}
	return c.name + "(" + strings.Join(texts, ",") + ")"
}
