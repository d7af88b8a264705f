package pages_test

import (
	"slices"
	"strings"
	"testing"

	"catalog.example/pages"
)

func formats(t *testing.T, want string, numbers ...int) {
	t.Helper()
	if got := pages.Format(numbers); got != want {
		t.Errorf("Format(%v) = %q, want %q", numbers, got, want)
	}
}

func parses(t *testing.T, text string, want ...int) {
	t.Helper()
	got, err := pages.Parse(text)
	if err != nil {
		t.Errorf("Parse(%q) gives the error %q, want %v", text, err, want)
	} else if !slices.Equal(got, want) {
		t.Errorf("Parse(%q) = %v, want %v", text, got, want)
	}
}

func refuses(t *testing.T, text, item string) {
	t.Helper()
	got, err := pages.Parse(text)
	if err == nil {
		t.Errorf("Parse(%q) = %v without an error, want an error", text, got)
		return
	}
	if got != nil {
		t.Errorf("Parse(%q) = %v with an error, want nil", text, got)
	}
	if !strings.Contains(err.Error(), item) {
		t.Errorf("Parse(%q) gives the error %q, want one that names %q", text, err, item)
	}
}

func TestFormatJoinsSinglePages(t *testing.T) {
	formats(t, "4", 4)
	formats(t, "1,3,5", 1, 3, 5)
	formats(t, "9,11,99999", 9, 11, 99999)
}

func TestFormatOfNothingIsEmpty(t *testing.T) {
	formats(t, "")
}

func TestFormatSortsAndDropsRepeats(t *testing.T) {
	formats(t, "1-3", 3, 1, 2, 3)
	formats(t, "2,9,20", 20, 2, 9, 2, 20)
}

func TestFormatKeepsTwoConsecutivePagesApart(t *testing.T) {
	formats(t, "7,8,12", 7, 8, 12)
	formats(t, "1,2,4-6,8,9", 1, 2, 4, 5, 6, 8, 9)
}

func TestFormatLeavesOutSharedDigits(t *testing.T) {
	formats(t, "121-4", 121, 122, 123, 124)
	formats(t, "108-12", 108, 109, 110, 111, 112)
	formats(t, "20001-3", 20001, 20002, 20003)
	formats(t, "1115-8", 1115, 1116, 1117, 1118)
}

func TestFormatWritesLastInFullWhereNothingIsShared(t *testing.T) {
	formats(t, "199-201", 199, 200, 201)
	formats(t, "98-100", 98, 99, 100)
	formats(t, "9-11", 9, 10, 11)
	formats(t, "1-10", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	formats(t, "9998-10001", 9998, 9999, 10000, 10001)
}

func TestFormatLeavesItsArgumentAlone(t *testing.T) {
	numbers := []int{5, 3, 5, 4, 1}
	if got := pages.Format(numbers); got != "1,3-5" {
		t.Errorf("Format = %q, want %q", got, "1,3-5")
	}
	if want := []int{5, 3, 5, 4, 1}; !slices.Equal(numbers, want) {
		t.Errorf("after Format the argument is %v, want %v", numbers, want)
	}
}

func TestParseReadsNumbersAndRanges(t *testing.T) {
	parses(t, "7", 7)
	parses(t, "1,3-5,9", 1, 3, 4, 5, 9)
	parses(t, "98-100", 98, 99, 100)
	parses(t, "4-5", 4, 5)
	parses(t, "99998-99999", 99998, 99999)
}

func TestParseCompletesShortLast(t *testing.T) {
	parses(t, "121-4", 121, 122, 123, 124)
	parses(t, "108-12", 108, 109, 110, 111, 112)
	parses(t, "1195-203", 1195, 1196, 1197, 1198, 1199, 1200, 1201, 1202, 1203)
	parses(t, "121-23", 121, 122, 123)
	parses(t, "121-123", 121, 122, 123)
}

func TestParseSortsAndDropsRepeats(t *testing.T) {
	parses(t, "5-7,6,1", 1, 5, 6, 7)
	parses(t, "9,9,2-4,3-5", 2, 3, 4, 5, 9)
}

func TestParseIgnoresSpacesAroundItems(t *testing.T) {
	parses(t, "  1 ,  3-5,9  ", 1, 3, 4, 5, 9)
	refuses(t, "1, 3 -5", "3 -5")
	refuses(t, "3- 5", "3- 5")
	refuses(t, "1 2", "1 2")
	refuses(t, "1,\t2", "")
	refuses(t, "1\n", "")
}

func TestParseOfNothingIsEmpty(t *testing.T) {
	for _, text := range []string{"", "   "} {
		got, err := pages.Parse(text)
		if err != nil || got == nil || len(got) != 0 {
			t.Errorf("Parse(%q) = %#v, %v, want an empty slice and no error", text, got, err)
		}
	}
}

func TestParseRefusesWhatIsNoItem(t *testing.T) {
	for _, item := range []string{"x", "12a", "-", "-4", "4-", "1-2-3", "+5", "1-+5", "0", "05", "100-05", "4-0", "123456", "1-123456", "٣", "1.5"} {
		refuses(t, "1, "+item+" ,x", item)
	}
	refuses(t, "1,,2", "")
	refuses(t, "1,", "")
	refuses(t, ",1", "")
	refuses(t, " , ", "")
}

func TestParseRefusesRangesThatDoNotGrow(t *testing.T) {
	refuses(t, "124-1", "124-1")
	refuses(t, "5-3", "5-3")
	refuses(t, "5-5", "5-5")
	refuses(t, "121-1", "121-1")
	refuses(t, "121-21", "121-21")
	refuses(t, "1,200-199,7-6", "200-199")
}
