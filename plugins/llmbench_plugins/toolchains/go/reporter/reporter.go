// Package reporter says what became of each test, on a channel that only it knows.
//
// It is imported by the tests, so it is initialised before the answer's package: it takes the key from standard
// input, and standard output for itself, before any code of the answer runs. Its import path is another one for
// every grading, so an answer can't import it.
package reporter

import (
	"encoding/hex"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
)

var (
	key     string
	channel = -1
	lock    sync.Mutex
)

func init() {
	said, _ := io.ReadAll(os.Stdin)
	key = strings.TrimSpace(string(said))
	channel, _ = syscall.Dup(1)
	syscall.CloseOnExec(channel)
	_ = syscall.Dup3(2, 1, 0)
	if null, err := os.Open(os.DevNull); err == nil {
		_ = syscall.Dup3(int(null.Fd()), 0, 0)
		_ = null.Close()
	}
}

func say(line string) {
	lock.Lock()
	defer lock.Unlock()
	rest := []byte("\n" + key + " " + line + "\n")
	for len(rest) > 0 {
		n, err := syscall.Write(channel, rest)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			return
		}
		rest = rest[n:]
	}
}

// Case runs a test and says what became of it.
func Case(t *testing.T, name string, test func(*testing.T)) {
	t.Cleanup(func() {
		status := "passed"
		if t.Failed() {
			status = "failed"
		} else if t.Skipped() {
			status = "skipped"
		}
		say("case " + hex.EncodeToString([]byte(name)) + " " + status + " ")
	})
	test(t)
}

// End says that all tests have run. The exit code says nothing: one test always fails.
func End() {
	say("end")
	os.Exit(0)
}
