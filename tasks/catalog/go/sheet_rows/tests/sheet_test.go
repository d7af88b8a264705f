package sheet_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"catalog.example/sheet"
)

// filled returns a sheet with cells that are given as one text: A1 5; B2 =A1+1.
func filled(t *testing.T, cells string) *sheet.Sheet {
	t.Helper()
	s := sheet.New()
	fill(t, s, cells)
	return s
}

func fill(t *testing.T, s *sheet.Sheet, cells string) {
	t.Helper()
	for _, cell := range strings.Split(cells, "; ") {
		name, text, _ := strings.Cut(cell, " ")
		if err := s.Set(name, text); err != nil {
			t.Fatalf("Set(%q, %q) gives the error %q, want none", name, text, err)
		}
	}
}

func value(t *testing.T, s *sheet.Sheet, cell, want string) {
	t.Helper()
	if got := s.Value(cell); got != want {
		t.Errorf("Value(%q) of %q = %q, want %q", cell, s.Text(cell), got, want)
	}
}

func text(t *testing.T, s *sheet.Sheet, cell, want string) {
	t.Helper()
	if got := s.Text(cell); got != want {
		t.Errorf("Text(%q) = %q, want %q", cell, got, want)
	}
}

// works compares the value of a formula in a cell of its own.
func works(t *testing.T, s *sheet.Sheet, formula, want string) {
	t.Helper()
	fill(t, s, "Z999 "+formula)
	value(t, s, "Z999", want)
	fill(t, s, "Z999 ")
}

func gives(t *testing.T, got, want error, what string) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s gives the error %v, want %v", what, got, want)
	}
}

// rewritten compares a formula of cell Z1 after rows were inserted before, or deleted from, a row.
func rewritten(t *testing.T, formula string, change func(*sheet.Sheet) error, want string) {
	t.Helper()
	s := filled(t, "Z1 "+formula)
	if err := change(s); err != nil {
		t.Errorf("moving rows gives the error %q, want none", err)
	}
	if got := s.Text("Z1"); got != want {
		t.Errorf("%s is %q then, want %q", formula, got, want)
	}
}

func insert(before, count int) func(*sheet.Sheet) error {
	return func(s *sheet.Sheet) error { return s.InsertRows(before, count) }
}

func remove(first, count int) func(*sheet.Sheet) error {
	return func(s *sheet.Sheet) error { return s.DeleteRows(first, count) }
}

func TestWhatWasThereStays(t *testing.T) {
	s := filled(t, "A1 7; a2 -02; B1 =a1 * ( A2 + 10 ) - -3; B2 =A1/A2/C9; B3 =9223372036854775807+A1; B4 =B5; B5 =B4+1; B6 =-7/2+B9")
	text(t, s, "A2", "-2")
	text(t, s, "B1", "=A1*(A2+10)--3")
	text(t, s, "C1", "")
	value(t, s, "B1", "59")
	value(t, s, "B2", "#DIV/0!")
	value(t, s, "B3", "#NUM!")
	value(t, s, "B4", "#CYCLE!")
	value(t, s, "B6", "-3")
	value(t, s, "C1", "")
	gives(t, s.Set("AA1", "1"), sheet.ErrCell, "Set of AA1")
	gives(t, s.Set("A1000", "1"), sheet.ErrCell, "Set of A1000")
	gives(t, s.Set("[1", "1"), sheet.ErrCell, "Set of [1")
	for _, wrong := range []string{"1+1", "+5", "9223372036854775808", "=", "=(1", "=(1 2)", "=)", "=1+", "=1 2", "=+1", "=*1", "=1+*2", "=9223372036854775808"} {
		gives(t, s.Set("A1", wrong), sheet.ErrSyntax, "Set to "+wrong)
	}
	fill(t, s, "B2 ")
	value(t, s, "B2", "")
	s = filled(t, "A1 9223372036854775807; A2 -9223372036854775808")
	for formula, want := range map[string]string{
		"=A1*0": "0", "=0*A2": "0", "=A1*-1": "-9223372036854775807", "=A2*1": "-9223372036854775808", "=1*A2": "-9223372036854775808",
		"=A2*-1": "#NUM!", "=-1*A2": "#NUM!", "=-A2": "#NUM!", "=A1*2": "#NUM!", "=-2*A1": "#NUM!", "=3037000500*3037000500": "#NUM!", "=A2*2": "#NUM!",
		"=-3*-4": "12", "=-1*7": "-7", "=7*-1": "-7",
		"=A2/-1": "#NUM!", "=A2/1": "-9223372036854775808", "=A1/-1": "-9223372036854775807", "=A2/2": "-4611686018427387904", "=7/-2": "-3", "=0/0": "#DIV/0!",
		"=A1+A2": "-1", "=A1+0": "9223372036854775807", "=A1+1": "#NUM!", "=A2-1": "#NUM!", "=A2-0": "-9223372036854775808", "=0-A2": "#NUM!", "=-1-A2": "9223372036854775807",
	} {
		works(t, s, formula, want)
	}
}

func TestSumOfRanges(t *testing.T) {
	s := filled(t, "A1 1; A2 10; B1 100; B2 =A1*1000; C3 5")
	works(t, s, "=SUM(A1:B2)", "1111")
	works(t, s, "=SUM(A1:A2)", "11")
	works(t, s, "=SUM(A2:B2)", "1010")
	works(t, s, "=SUM(B2:A1)", "1111")
	works(t, s, "=SUM(A2:B1)", "1111")
	works(t, s, "=SUM(A1:Z998)", "1116")
	works(t, s, "=SUM(C3:C3)", "5")
	works(t, s, "=SUM(D1:E9)", "0")
}

func TestFunctionsAreNumbersAmongOthers(t *testing.T) {
	s := filled(t, "A1 1; A2 10; A3 100")
	works(t, s, "=2*SUM(A1:A2,-4,A3)+1", "215")
	works(t, s, "=-sum(A1:A2)*(Max(A1:A3)-Min(A1:A3))", "-1089")
	works(t, s, "=SUM(A1+A2*2,(A3),SUM(A1:A3,MAX(3,4)),COUNT(A1:A3))", "239")
	works(t, s, "= SUM ( A1 : A2 , A3 )", "111")
}

func TestMinMaxAndCount(t *testing.T) {
	s := filled(t, "A1 -5; A2 =A1*2; A4 0; B1 3")
	works(t, s, "=MIN(A1:B4)", "-10")
	works(t, s, "=MAX(A1:B4)", "3")
	works(t, s, "=MAX(A1:A2)", "-5")
	works(t, s, "=MIN(B1,7)", "3")
	works(t, s, "=COUNT(A1:B4)", "4")
	works(t, s, "=COUNT(A1:B4,A1,1+1,A1:A4)", "9")
}

func TestEmptyCellsHaveNoValue(t *testing.T) {
	s := filled(t, "A1 5; B1 -5")
	works(t, s, "=MIN(A1:A9,C1)", "5")
	works(t, s, "=MAX(B1:B9,C1)", "-5")
	works(t, s, "=COUNT(C1)", "0")
	works(t, s, "=COUNT(C1,C2,A1)", "1")
	works(t, s, "=COUNT((C1),-C1,C1+C2)", "3")
	works(t, s, "=MIN(A1,(C1))", "0")
	works(t, s, "=MIN(C1:D4)", "#NUM!")
	works(t, s, "=MAX(C1)", "#NUM!")
	works(t, s, "=SUM(C1)", "0")
	works(t, s, "=COUNT(C1:D4)", "0")
}

func TestSumIsExact(t *testing.T) {
	s := filled(t, "A1 9223372036854775807; A2 9223372036854775807; A3 -9223372036854775808; A4 -1; A5 1; A6 -9223372036854775807")
	works(t, s, "=SUM(A1,A5,A4)", "9223372036854775807")
	works(t, s, "=SUM(A1:A3)", "9223372036854775806")
	works(t, s, "=SUM(A1:A6)", "-1")
	works(t, s, "=SUM(A3,A4,A5)", "-9223372036854775808")
	works(t, s, "=SUM(A1,A2,A1,A2,A6,A6,A6)", "9223372036854775807")
	works(t, s, "=SUM(A1,1)", "#NUM!")
	works(t, s, "=SUM(A1,A2)", "#NUM!")
	works(t, s, "=SUM(A3,-1)", "#NUM!")
	works(t, s, "=SUM(A1:A2,A1:A2,2)", "#NUM!")
}

func TestFirstErrorIsTheValue(t *testing.T) {
	s := filled(t, "A1 1; B1 =1/0; A2 =9223372036854775807+1; B2 2")
	works(t, s, "=SUM(A1:B2)", "#DIV/0!")
	works(t, s, "=SUM(A2:B2,B1)", "#NUM!")
	works(t, s, "=COUNT(A1,A2:B2,B1)", "#NUM!")
	works(t, s, "=COUNT(B1)", "#DIV/0!")
	works(t, s, "=MAX(B2,1/0,A2)", "#DIV/0!")
	works(t, s, "=MIN(MIN(C1),1/0)", "#NUM!")
	works(t, s, "=MIN(C1:C9,1/0)", "#DIV/0!")
	works(t, s, "=SUM(9223372036854775807,1,1/0)", "#DIV/0!")
}

func TestCyclesThroughRanges(t *testing.T) {
	s := filled(t, "A1 1; A2 =SUM(A1:A3); B1 =COUNT(B2:C9); C9 =MAX(B1,4); D1 =SUM(A1,C9); D2 =SUM(D3:D9)")
	value(t, s, "A2", "#CYCLE!")
	value(t, s, "B1", "#CYCLE!")
	value(t, s, "C9", "#CYCLE!")
	value(t, s, "D1", "#CYCLE!")
	value(t, s, "D2", "0")
	fill(t, s, "C9 4")
	value(t, s, "B1", "1")
	value(t, s, "D1", "5")
	fill(t, s, "E1 =SUM(F1:F2,E1); F1 =1/0")
	value(t, s, "E1", "#DIV/0!")
}

func TestEachCellIsWorkedOutOnce(t *testing.T) {
	s := filled(t, "A1 1; B1 1")
	for row := 2; row <= 60; row++ {
		fill(t, s, fmt.Sprintf("A%d =SUM(A%d:B%d)-MIN(A%d,B1)", row, row-1, row-1, row-1))
		fill(t, s, fmt.Sprintf("B%d =MAX(A1:A%d)+A%d-A%d", row, row-1, row-1, row-1))
	}
	got := make(chan string, 1)
	go func() { got <- s.Value("B60") }()
	select {
	case shown := <-got:
		if shown != "1" {
			t.Errorf("Value(%q) = %q, want %q", "B60", shown, "1")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("working out 120 cells takes more than 10 seconds")
	}
}

func TestPlainForm(t *testing.T) {
	s := sheet.New()
	for formula, want := range map[string]string{
		"= sum( a1 , b2 : a1 ,( 3 ) ) + 1":    "=SUM(A1,A1:B2,(3))+1",
		"=MIN(B1:A3)":                         "=MIN(A1:B3)",
		"=max(a3:B1,-c2)":                     "=MAX(A1:B3,-C2)",
		"=Count(z999:z999)":                   "=COUNT(Z999:Z999)",
		"=-SUM(SUM(A1:A2),(B1))":              "=-SUM(SUM(A1:A2),(B1))",
		"=2-( 3-count( c10 ) ) * #ref!":       "=2-(3-COUNT(C10))*#REF!",
		"=SUM(#Ref!,#REF!+1, A1:B1 )":         "=SUM(#REF!,#REF!+1,A1:B1)",
		"=MAX(9223372036854775807, 007 , -0)": "=MAX(9223372036854775807,7,-0)",
	} {
		fill(t, s, "A5 "+formula)
		text(t, s, "A5", want)
	}
}

func TestSetRefusesWhatIsNoFormula(t *testing.T) {
	s := filled(t, "A1 =SUM(B1:B2)")
	for _, formula := range []string{
		"=SUM()", "=SUM", "=SUM(", "=SUM(A1", "=SUM(A1,)", "=SUM(,A1)", "=SUM(A1,,A2)", "=SUM(A1;A2)", "=SUM A1", "=SUM(A1))", "=AVG(A1)", "=SUMS(A1)", "=S(A1)",
		"=A1:B2", "=SUM((A1:B2))", "=SUM(-A1:B2)", "=SUM(A1:B2+1)", "=SUM(1+A1:B2)", "=SUM(A1:B2:C3)", "=SUM(A1:)", "=SUM(A1:", "=SUM(:A1)", "=SUM(A1:2)", "=SUM(1:A2)",
		"=SUM(A0:A1)", "=SUM(A1:A1000)", "=SUM(A1:AA2)", "=SUM(#REF!:A1)", "=SUM(A1:#REF!)", "=SUM(A1:(A2))", "=SUM(A:B)", "=A1(B1)", "=SUM(A1:SUM(A2))",
		"=#REF", "=#REF!!", "=REF!", "=#DIV/0!", "=#", "=# REF!", "=#REF!A1", "=S UM(A1)", "=SUM(A1\t)", "=SUM(A 1)", "#REF!",
	} {
		gives(t, s.Set("A1", formula), sheet.ErrSyntax, "Set to "+formula)
	}
	text(t, s, "A1", "=SUM(B1:B2)")
}

func TestInsertedRowsMoveCells(t *testing.T) {
	s := filled(t, "A1 1; A2 2; A3 =A1+A2; B3 5; C9 =A2*100")
	gives(t, s.InsertRows(2, 3), nil, "InsertRows(2, 3)")
	text(t, s, "A1", "1")
	text(t, s, "A2", "")
	text(t, s, "A3", "")
	text(t, s, "A5", "2")
	text(t, s, "A6", "=A1+A5")
	text(t, s, "B6", "5")
	text(t, s, "C9", "")
	text(t, s, "C12", "=A5*100")
	value(t, s, "A6", "3")
	value(t, s, "C12", "200")
	gives(t, s.InsertRows(1, 1), nil, "InsertRows(1, 1)")
	text(t, s, "A2", "1")
	text(t, s, "A7", "=A2+A6")
	gives(t, s.InsertRows(13, 986), nil, "InsertRows(13, 986)")
	text(t, s, "C999", "=A6*100")
}

func TestInsertedRowsRenameCells(t *testing.T) {
	rewritten(t, "=A1+A5*SUM(A1:A5)", insert(3, 2), "=A1+A7*SUM(A1:A7)")
	rewritten(t, "=-(A2-B3)/MIN(C4,D1+D2)", insert(3, 10), "=-(A2-B13)/MIN(C14,D1+D2)")
	rewritten(t, "=A2+A3+3+#REF!", insert(3, 1), "=A2+A4+3+#REF!")
	rewritten(t, "=A9+SUM(SUM(A9))", insert(2, 990), "=A999+SUM(SUM(A999))")
}

func TestInsertedRowsLetRangesGrow(t *testing.T) {
	rewritten(t, "=SUM(B2:C4)", insert(2, 1), "=SUM(B3:C5)")
	rewritten(t, "=SUM(B2:C4)", insert(3, 1), "=SUM(B2:C5)")
	rewritten(t, "=SUM(B2:C4)", insert(4, 5), "=SUM(B2:C9)")
	rewritten(t, "=SUM(B2:C4)", insert(5, 1), "=SUM(B2:C4)")
	rewritten(t, "=SUM(C3:B3,B9:B5)", insert(3, 2), "=SUM(B5:C5,B7:B11)")
}

func TestInsertedRowsPushNamesOffTheSheet(t *testing.T) {
	rewritten(t, "=A998+A999", insert(5, 1), "=A999+#REF!")
	rewritten(t, "=SUM(A990:A995)", insert(900, 5), "=SUM(A995:A999)")
	rewritten(t, "=SUM(A990:A995,A1)", insert(900, 9), "=SUM(A999:A999,A1)")
	rewritten(t, "=SUM(A990:A995)", insert(900, 10), "=SUM(#REF!)")
	rewritten(t, "=A998+A999", insert(999, 1), "=A998+#REF!")
	rewritten(t, "=SUM(A2:A3)*(B4)", insert(3, 999), "=SUM(A2:A999)*(#REF!)")
	s := filled(t, "A1 =A999; B998 4")
	gives(t, s.InsertRows(2, 1), nil, "InsertRows(2, 1)")
	value(t, s, "A1", "#REF!")
	value(t, s, "B999", "4")
}

func TestDeletedRowsMoveCells(t *testing.T) {
	s := filled(t, "A1 1; A2 2; A3 3; A4 =A1+A5; A5 5; A6 =A2+A1; B999 =SUM(A1:A5)")
	gives(t, s.DeleteRows(2, 2), nil, "DeleteRows(2, 2)")
	text(t, s, "A1", "1")
	text(t, s, "A2", "=A1+A3")
	text(t, s, "A3", "5")
	text(t, s, "A4", "=#REF!+A1")
	text(t, s, "A5", "")
	text(t, s, "B997", "=SUM(A1:A3)")
	text(t, s, "B999", "")
	value(t, s, "A2", "6")
	value(t, s, "A4", "#REF!")
	value(t, s, "B997", "12")
	gives(t, s.DeleteRows(1, 999), nil, "DeleteRows(1, 999)")
	text(t, s, "A1", "")
	text(t, s, "B997", "")
}

func TestDeletedRowsRenameCells(t *testing.T) {
	rewritten(t, "=A3+A4+A5+A6", remove(4, 2), "=A3+#REF!+#REF!+A4")
	rewritten(t, "=SUM(B2:C8)-A3", remove(3, 2), "=SUM(B2:C6)-#REF!")
	rewritten(t, "=MAX(A2,-(A999))", remove(2, 1), "=MAX(#REF!,-(A998))")
	rewritten(t, "=A999*A998", remove(999, 1), "=#REF!*A998")
}

func TestDeletedRowsLetRangesShrink(t *testing.T) {
	rewritten(t, "=SUM(B3:C4,A9)", remove(3, 2), "=SUM(#REF!,A7)")
	rewritten(t, "=SUM(B3:C6)", remove(2, 2), "=SUM(B2:C4)")
	rewritten(t, "=SUM(B3:C6)", remove(6, 3), "=SUM(B3:C5)")
	rewritten(t, "=SUM(B3:C6)", remove(4, 1), "=SUM(B3:C5)")
	rewritten(t, "=SUM(B3:C6)", remove(7, 9), "=SUM(B3:C6)")
	rewritten(t, "=SUM(B3:C6)", remove(9, 2), "=SUM(B3:C6)")
	rewritten(t, "=SUM(B3:C6)", remove(2, 1), "=SUM(B2:C5)")
	rewritten(t, "=SUM(B3:C6)", remove(2, 4), "=SUM(B2:C2)")
	rewritten(t, "=SUM(B3:C6,B6:B3)", remove(3, 4), "=SUM(#REF!,#REF!)")
	rewritten(t, "=SUM(A2:A999)", remove(3, 997), "=SUM(A2:A2)")
	rewritten(t, "=SUM(A2:A999)", remove(900, 100), "=SUM(A2:A899)")
}

func TestRefIsAnErrorLikeOthers(t *testing.T) {
	s := filled(t, "A1 =#REF!; A2 =1/0; B1 =3")
	value(t, s, "A1", "#REF!")
	works(t, s, "=B1+#REF!", "#REF!")
	works(t, s, "=SUM(B1,#REF!)", "#REF!")
	works(t, s, "=COUNT(#REF!)", "#REF!")
	works(t, s, "=COUNT(A1:B2)", "#REF!")
	works(t, s, "=1/0+#REF!", "#DIV/0!")
	works(t, s, "=MAX(A2,A1)", "#DIV/0!")
}

func TestRefusedRowsChangeNothing(t *testing.T) {
	s := filled(t, "A1 =SUM(B990:B997); A500 4; B995 7")
	for _, c := range []struct{ before, count int }{{0, 1}, {-1, 1}, {1000, 1}, {1, 0}, {1, -1}, {1, 1000}, {999, 1000}, {1 << 62, 1 << 62}} {
		gives(t, s.InsertRows(c.before, c.count), sheet.ErrRows, fmt.Sprintf("InsertRows(%d, %d)", c.before, c.count))
	}
	for _, c := range []struct{ first, count int }{{0, 1}, {-1, 3}, {1000, 1}, {1, 0}, {1, -1}, {1, 1000}, {2, 999}, {999, 2}, {2, 1<<63 - 1}} {
		gives(t, s.DeleteRows(c.first, c.count), sheet.ErrRows, fmt.Sprintf("DeleteRows(%d, %d)", c.first, c.count))
	}
	gives(t, s.InsertRows(995, 5), sheet.ErrFull, "InsertRows(995, 5)")
	gives(t, s.InsertRows(1, 5), sheet.ErrFull, "InsertRows(1, 5)")
	text(t, s, "A1", "=SUM(B990:B997)")
	text(t, s, "A500", "4")
	text(t, s, "B995", "7")
	gives(t, s.InsertRows(996, 999), nil, "InsertRows(996, 999)")
	text(t, s, "A1", "=SUM(B990:B999)")
	gives(t, s.InsertRows(995, 4), nil, "InsertRows(995, 4)")
	text(t, s, "B999", "7")
}
