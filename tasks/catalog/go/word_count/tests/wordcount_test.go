package wordcount_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"catalog.example/wordcount"
)

// texts are files by name.
type texts map[string]string

func (f texts) disk() fstest.MapFS {
	disk := fstest.MapFS{"folder/file.txt": {Data: []byte("inside")}}
	for name, content := range f {
		disk[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return disk
}

// run compares what the program does. Spaces in out stand for tabs.
func run(t *testing.T, args string, files texts, stdin string, code int, out, said string) {
	t.Helper()
	var stdout, stderr strings.Builder
	got := wordcount.Run(strings.Fields(args), files.disk(), strings.NewReader(stdin), &stdout, &stderr)
	if got != code {
		t.Errorf("wordcount %s ends with %d, want %d", args, got, code)
	}
	if want := strings.ReplaceAll(out, " ", "\t"); stdout.String() != want {
		t.Errorf("wordcount %s writes %q, want %q", args, stdout.String(), want)
	}
	if stderr.String() != said {
		t.Errorf("wordcount %s writes %q to stderr, want %q", args, stderr.String(), said)
	}
}

// counts compares what is listed for a text on standard input.
func counts(t *testing.T, text, out string) {
	t.Helper()
	run(t, "", nil, text, 0, out, "")
}

func TestGreatestCountComesFirst(t *testing.T) {
	counts(t, "b a c, a b. a;", "3 a\n2 b\n1 c\n")
	counts(t, "zoo apple Zebra ähre apples", "1 apple\n1 apples\n1 zebra\n1 zoo\n1 ähre\n")
	counts(t, strings.Repeat("x ", 9)+strings.Repeat("y ", 10), "10 y\n9 x\n")
}

func TestNothingIsListedForNothing(t *testing.T) {
	counts(t, "", "")
	counts(t, " ... --- ' \n\n", "")
	run(t, "-t", nil, "", 0, "total 0 0\n", "")
}

func TestCaseIsIgnored(t *testing.T) {
	counts(t, "Go GO go ÄRGER ärger Σας", "3 go\n2 ärger\n1 σας\n")
}

func TestWordsOfAllAlphabets(t *testing.T) {
	counts(t, "naïve cafe\u0301 42 x2 日本 ٣ क्षि", "1 42\n1 cafe\u0301\n1 naïve\n1 x2\n1 ٣\n1 क्षि\n1 日本\n")
	counts(t, "a_b c…d e/f½g²h i\u00a0j", "1 a\n1 b\n1 c\n1 d\n1 e\n1 f\n1 g\n1 h\n1 i\n1 j\n")
}

func TestInnerApostrophesAndHyphensBelongToWords(t *testing.T) {
	counts(t, "Don't rock'n'roll well-known x-1 o'-clock a-b'c", "1 a-b'c\n1 clock\n1 don't\n1 o\n1 rock'n'roll\n1 well-known\n1 x-1\n")
	counts(t, "don’t don't", "2 don't\n")
}

func TestOuterApostrophesAndHyphensSeparate(t *testing.T) {
	counts(t, "dogs' -x 'tis a--b c''d ‘e’ -", "1 a\n1 b\n1 c\n1 d\n1 dogs\n1 e\n1 tis\n1 x\n")
	counts(t, "end-", "1 end\n")
	counts(t, "end'", "1 end\n")
}

func TestHyphenAtTheEndOfALineJoins(t *testing.T) {
	counts(t, "exam-\nple exam-\r\n \t ple", "2 example\n")
	counts(t, "un-\nbe-\nliev-\n  able", "1 unbelievable\n")
	counts(t, "mother-in-\nlaw", "1 mother-inlaw\n")
	counts(t, "gr-\nüße", "1 grüße\n")
}

func TestHyphenAtTheEndOfALineMayNotJoin(t *testing.T) {
	counts(t, "Anglo-\nSaxon", "1 anglo\n1 saxon\n")
	counts(t, "a- \nb", "1 a\n1 b\n")
	counts(t, "c-\n\nd", "1 c\n1 d\n")
	counts(t, "e-\n1", "1 1\n1 e\n")
	counts(t, "f--\ng", "1 f\n1 g\n")
	counts(t, "h'\ni", "1 h\n1 i\n")
	counts(t, "-\nj", "1 j\n")
	counts(t, "k-\n'l", "1 k\n1 l\n")
	counts(t, "m-\rn", "1 m\n1 n\n")
	counts(t, "o-\n-p", "1 o\n1 p\n")
	counts(t, "q-\n", "1 q\n")
	counts(t, "r-\n日", "1 r\n1 日\n")
	counts(t, "s-t-\n\u00a0u", "1 s-t\n1 u\n")
}

func TestBytesThatAreNoTextSeparate(t *testing.T) {
	counts(t, "a\xffb c\xc3", "1 a\n1 b\n1 c\n")
	counts(t, "d-\xffe f\x80-g", "1 d\n1 e\n1 f\n1 g\n")
}

func TestLinesAndWordsOfAnyLength(t *testing.T) {
	long := strings.Repeat("ab", 100_000)
	counts(t, long+" b "+long+"\n"+strings.Repeat("c ", 200_000), "200000 c\n2 "+long+"\n1 b\n")
}

func TestSeveralFilesAreCountedTogether(t *testing.T) {
	files := texts{"one": "a b exam-", "two": "ple a-\n", "three": "b", "folder/four": "d"}
	run(t, "one two three folder/four one", files, "unread", 0, "3 a\n3 b\n2 exam\n1 d\n1 ple\n", "")
}

func TestMinusIsStandardInput(t *testing.T) {
	files := texts{"one": "a", "-t": "t", "-n": "n", "--": "m"}
	run(t, "one - one -", files, "in a", 0, "3 a\n1 in\n", "")
	run(t, "- -t", files, "in", 0, "1 in\n1 t\n", "")
	run(t, "-- -t -n --", files, "in", 0, "1 m\n1 n\n1 t\n", "")
	run(t, "-t --", files, "in", 0, "1 in\ntotal 1 1\n", "")
}

func TestFirstLinesAndTheirEquals(t *testing.T) {
	text := "a a a b b c c d d e"
	run(t, "-n 1", nil, text, 0, "3 a\n", "")
	run(t, "-n 2", nil, text, 0, "3 a\n2 b\n2 c\n2 d\n", "")
	run(t, "-n 4", nil, text, 0, "3 a\n2 b\n2 c\n2 d\n", "")
	run(t, "-n 5", nil, text, 0, "3 a\n2 b\n2 c\n2 d\n1 e\n", "")
	run(t, "-n 1000000000", nil, text, 0, "3 a\n2 b\n2 c\n2 d\n1 e\n", "")
	run(t, "-n 5 -n 1", nil, text, 0, "3 a\n", "")
}

func TestShortWordsAreLeftOut(t *testing.T) {
	run(t, "-m 3", nil, "a ab abc a-b äöü äö ab cde-\nf", 0, "1 a-b\n1 abc\n1 cdef\n1 äöü\n", "")
	run(t, "-m 1 -t", nil, "a bb", 0, "1 a\n1 bb\ntotal 2 2\n", "")
}

func TestStopWordsAreLeftOut(t *testing.T) {
	files := texts{"stop": "The AND\n#or and\n # but\nwell-known hy-\n# not this\nphen\r\nisn’t", "text": "text"}
	run(t, "-s stop", files, "the or and but well known well-known hyphen hy isn't not", 0, "1 hy\n1 known\n1 not\n1 or\n1 well\n", "")
	run(t, "-s - one", texts{"-": "a", "one": "a b"}, "unread b", 0, "1 b\n", "")
	run(t, "-s stop -s text text stop", files, "", 0, "2 and\n1 but\n1 hy\n1 isn't\n1 not\n1 or\n1 phen\n1 the\n1 this\n1 well-known\n", "")
}

func TestTotalCountsWhatIsNotListed(t *testing.T) {
	files := texts{"stop": "x"}
	run(t, "-t", nil, "a b a", 0, "2 a\n1 b\ntotal 3 2\n", "")
	run(t, "-n 1 -t -m 2 -s stop", files, "aa bb aa x c cc cc cc", 0, "3 cc\ntotal 6 3\n", "")
}

type broken struct{ text string }

func (b *broken) Read(into []byte) (int, error) {
	if b.text == "" {
		return 0, errors.New("broken")
	}
	n := copy(into, b.text)
	b.text = b.text[n:]
	return n, nil
}

func TestWhatCannotBeRead(t *testing.T) {
	files := texts{"one": "a b", "two": "b", "stop": "a"}
	run(t, "one none two", files, "", 1, "2 b\n1 a\n", "wordcount: none: no such file\n")
	run(t, "-t folder no/file", files, "", 1, "total 0 0\n", "wordcount: folder: cannot be read\nwordcount: no/file: no such file\n")
	run(t, "-s none one two", files, "", 1, "", "wordcount: none: no such file\n")
	run(t, "-s folder none", files, "", 1, "", "wordcount: folder: cannot be read\n")
	var stdout, stderr strings.Builder
	code := wordcount.Run([]string{"one", "-", "two"}, files.disk(), &broken{"c d"}, &stdout, &stderr)
	if code != 1 || stdout.String() != "2\tb\n1\ta\n" || stderr.String() != "wordcount: -: cannot be read\n" {
		t.Errorf("with broken standard input it ends with %d and writes %q and %q", code, stdout.String(), stderr.String())
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestWhatCannotBeWritten(t *testing.T) {
	for _, text := range []string{"a", strings.Repeat("some words more ", 10_000)} {
		var stderr strings.Builder
		code := wordcount.Run([]string{"-t"}, texts{}.disk(), strings.NewReader(text), full{}, &stderr)
		if code != 1 || stderr.String() != "wordcount: cannot write\n" {
			t.Errorf("where nothing can be written it ends with %d and writes %q to stderr, want 1 and %q",
				code, stderr.String(), "wordcount: cannot write\n")
		}
	}
}

type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("standard input is read, want nothing read on wrong usage")
	return 0, io.EOF
}

func TestWrongUsage(t *testing.T) {
	for _, args := range []string{
		"-x", "-x 5", "-n", "-m", "-s", "-n 0", "-n -1", "-n +1", "-n 1.5", "-n x", "-m 0", "-m 1000000001", "-n 99999999999999999999",
		"-n 18446744073709551617", "-n ٣", "-n 1_0", "-n 0x1", "-n5", "--total", "-tt", "-t -n", "-n 1 -n 0", "-n -- 5", "-m -t", "-s one -q",
	} {
		var stdout, stderr strings.Builder
		code := wordcount.Run(strings.Fields(args), texts{"one": "a"}.disk(), unread{t}, &stdout, &stderr)
		if code != 2 || stdout.String() != "" {
			t.Errorf("wordcount %s ends with %d and writes %q, want 2 and nothing", args, code, stdout.String())
		}
		said := stderr.String()
		if !strings.HasPrefix(said, "wordcount: ") || strings.Count(said, "\n") != 1 || !strings.HasSuffix(said, "\n") {
			t.Errorf("wordcount %s writes %q to stderr, want one line that begins with %q", args, said, "wordcount: ")
		}
	}
	var stdout, stderr strings.Builder
	if code := wordcount.Run([]string{"-n", "", "one"}, texts{"one": "a"}.disk(), unread{t}, &stdout, &stderr); code != 2 {
		t.Errorf("wordcount -n with an empty value ends with %d, want 2", code)
	}
}
