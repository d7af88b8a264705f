// Package wordcount lists how often each word occurs in texts.
package wordcount

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	wrong    = 1
	misused  = 2
	greatest = 1_000_000_000
)

// options is what the arguments say. Lines are 0 where all are wanted.
type options struct {
	lines, runes int
	stop         string
	hasStop      bool
	total        bool
	names        []string
}

// Run is the whole program; it returns the exit code.
func Run(args []string, files fs.FS, stdin io.Reader, stdout, stderr io.Writer) int {
	wanted, err := parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "wordcount: %v\n", err)
		return misused
	}
	code := 0
	ignored := map[string]bool{}
	if wanted.hasStop {
		content, err := fs.ReadFile(files, wanted.stop)
		if err != nil {
			complain(stderr, wanted.stop, err)
			return wrong
		}
		eachWord(withoutComments(string(content)), func(word string) { ignored[word] = true })
	}
	counts := map[string]int{}
	for _, name := range wanted.names {
		content, err := read(name, files, stdin)
		if err != nil {
			complain(stderr, name, err)
			code = wrong
			continue
		}
		eachWord(string(content), func(word string) {
			if !ignored[word] && utf8.RuneCountInString(word) >= wanted.runes {
				counts[word]++
			}
		})
	}
	if err := write(stdout, counts, wanted); err != nil {
		fmt.Fprintln(stderr, "wordcount: cannot write")
		return wrong
	}
	return code
}

func parse(args []string) (options, error) {
	var found options
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-" {
		option := args[0]
		args = args[1:]
		if option == "--" {
			break
		}
		if option == "-t" {
			found.total = true
			continue
		}
		if option != "-n" && option != "-m" && option != "-s" {
			return found, fmt.Errorf("unknown option %q", option)
		}
		if len(args) == 0 {
			return found, fmt.Errorf("%s needs a value", option)
		}
		value := args[0]
		args = args[1:]
		var err error
		switch option {
		case "-n":
			found.lines, err = number(option, value)
		case "-m":
			found.runes, err = number(option, value)
		case "-s":
			found.stop, found.hasStop = value, true
		}
		if err != nil {
			return found, err
		}
	}
	found.names = args
	if len(args) == 0 {
		found.names = []string{"-"}
	}
	return found, nil
}

func number(option, value string) (int, error) {
	result := 0
	for _, digit := range value {
		if digit < '0' || digit > '9' || result > greatest {
			return 0, fmt.Errorf("%s %q is no number from 1 to %d", option, value, greatest)
		}
		result = result*10 + int(digit-'0')
	}
	if result < 1 || result > greatest {
		return 0, fmt.Errorf("%s %q is no number from 1 to %d", option, value, greatest)
	}
	return result, nil
}

func read(name string, files fs.FS, stdin io.Reader) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(stdin)
	}
	return fs.ReadFile(files, name)
}

func complain(stderr io.Writer, name string, err error) {
	what := "cannot be read"
	if errors.Is(err, fs.ErrNotExist) {
		what = "no such file"
	}
	fmt.Fprintf(stderr, "wordcount: %s: %s\n", name, what)
}

func withoutComments(text string) string {
	var kept strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		if !strings.HasPrefix(line, "#") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// eachWord calls found with each word of a text.
func eachWord(text string, found func(string)) {
	var word strings.Builder
	for len(text) > 0 {
		char, size := utf8.DecodeRuneInString(text)
		text = text[size:]
		if isWordChar(char) {
			word.WriteRune(unicode.ToLower(char))
			continue
		}
		if word.Len() == 0 {
			continue
		}
		if next, _ := utf8.DecodeRuneInString(text); isLink(char) && isWordChar(next) {
			if char == '’' {
				char = '\''
			}
			word.WriteRune(char)
			continue
		}
		if rest, ok := continued(char, text); ok {
			text = rest
			continue
		}
		found(word.String())
		word.Reset()
	}
	if word.Len() > 0 {
		found(word.String())
	}
}

func isWordChar(char rune) bool {
	return unicode.IsLetter(char) || unicode.IsMark(char) || unicode.IsDigit(char)
}

func isLink(char rune) bool { return char == '\'' || char == '’' || char == '-' }

// continued returns the text where a word goes on after a hyphen at the end of a line.
func continued(char rune, text string) (string, bool) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(text, "\r"), "\n")
	if char != '-' || !ok {
		return "", false
	}
	rest = strings.TrimLeft(rest, " \t")
	next, _ := utf8.DecodeRuneInString(rest)
	return rest, unicode.IsLower(next)
}

func write(stdout io.Writer, counts map[string]int, wanted options) error {
	words := make([]string, 0, len(counts))
	sum := 0
	for word, count := range counts {
		words = append(words, word)
		sum += count
	}
	slices.SortFunc(words, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return cmp.Compare(a, b)
	})
	out := bufio.NewWriter(stdout)
	for i, word := range words {
		if wanted.lines > 0 && i >= wanted.lines {
			break
		}
		fmt.Fprintf(out, "%d\t%s\n", counts[word], word)
	}
	if wanted.total {
		fmt.Fprintf(out, "total\t%d\t%d\n", sum, len(words))
	}
	return out.Flush()
}
