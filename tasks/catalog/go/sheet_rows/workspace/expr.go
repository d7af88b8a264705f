package sheet

import "strconv"

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
)

func (n number) String() string { return strconv.FormatInt(int64(n), 10) }
func (p parens) String() string { return "(" + p.inner.String() + ")" }
func (m minus) String() string  { return "-" + m.of.String() }
func (b binary) String() string { return b.left.String() + string(b.operator) + b.right.String() }
