// Testbuild builds the tests of the Go package in the current folder, removes all source, and becomes the program.
//
//	testbuild -reporter exercise/llmbench0123 tests.bin -test.v < key
//
// With -in FOLDER it builds those of a package below the current folder, which is the module's; the program runs there.
//
// It does what go test -c does, by calling compiler, vet and linker itself with what was prepared when the toolchain was
// installed; go itself would look at each package of the standard library first, which takes as long as compiling.
// What is out of the ordinary, and what does not build, is left to go test -c, whose words people know.
//
// With -again, tests of the same package have been built and run before, and only values that they expect differ: neither
// vet nor the compiler without the tests is asked once more what both have answered.
//
//	testbuild -prepare log folder
//
// reads what go test -c -x said, and makes ready what is needed for that.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	prepare := flag.Bool("prepare", false, "make a toolchain ready: the arguments are a log, and its folder")
	reporter := flag.String("reporter", "", "the import path of the reporter, whose source lies in the last part's folder")
	folder := flag.String("in", ".", "the package's folder below the module's")
	maylean := flag.Bool("lean", false, "the package may name what is its tests'")
	again := flag.Bool("again", false, "other tests of the package have been built before")
	flag.Parse()
	var err error
	switch {
	case *prepare && flag.NArg() == 2:
		err = prepared(flag.Arg(0), flag.Arg(1))
	case !*prepare && flag.NArg() >= 1:
		err = builtAndRun(*reporter, *folder, asked{maylean: *maylean, again: *again}, flag.Args())
	default:
		flag.Usage()
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "testbuild:", err)
		os.Exit(1)
	}
}

// asked is what else a caller wants.
type asked struct {
	maylean bool // The package may name what is its tests'.
	again   bool // What is looked at beside the building has been looked at before.
}

// alone says whether the package is to be compiled without its tests as well.
func (a asked) alone() bool { return !a.maylean && !a.again }

// builtAndRun becomes the program argv[0] once it is built, and says so on a line that begins with the key. The program
// finds the key where it was.
func builtAndRun(reporter, folder string, want asked, argv []string) error {
	said, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	key, _, _ := strings.Cut(string(said), "\n")
	program, err := filepath.Abs(argv[0])
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "testbuild")
	if err != nil {
		return err
	}
	err = inFolder(folder, func() error { return buildSomehow(reporter, program, work, want) })
	if found := new(leaning); errors.As(err, &found) {
		fmt.Printf("\n%s leaning\n", key)
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(program); errors.Is(err, fs.ErrNotExist) {
		fmt.Printf("\n%s nothing\n", key)
		return nil
	}
	if err := leaveNoSource(reporter, work); err != nil {
		return err
	}
	fmt.Printf("\n%s built\n", key)
	return inFolder(folder, func() error { return become(program, argv, said) })
}

// inFolder does something in a folder, and comes back.
func inFolder(folder string, do func() error) error {
	back, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := os.Chdir(folder); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return os.Chdir(back)
}

// buildSomehow builds the program, or ends the process with what the compiler or vet has to say.
func buildSomehow(reporter, program, work string, want asked) error {
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	home := filepath.Dir(executable)
	kit, err := readKit(home)
	if err == nil {
		kit.asked = want
		err = kit.build(reporter, program, work)
	}
	if err == nil || errors.As(err, new(*leaning)) {
		return err
	}
	if os.Getenv("TESTBUILD") == "verbose" {
		fmt.Fprintln(os.Stderr, "testbuild: left to go test -c:", err)
	}
	if err := leftToGo(filepath.Join(home, "cache"), program, work, want); err != nil {
		return err
	}
	if want.alone() {
		return aloneByGo(work)
	}
	return nil
}

// leftToGo builds with go test -c, whose cache must be writable: it gets links to what is compiled already.
func leftToGo(cache, program, work string, want asked) error {
	own := filepath.Join(work, "cache")
	if err := os.Mkdir(own, 0o755); err != nil {
		return err
	}
	// What can't be linked is compiled again.
	_ = exec.Command("cp", "-rs", cache+"/.", own).Run()
	flags := []string{"-ldflags=-s -w", "-o", program}
	if want.again {
		flags = append(flags, "-vet=off")
	}
	return goTest(work, flags...).run()
}

// goTest returns a command that builds the tests of the package in the current folder.
func goTest(work string, flags ...string) command {
	made := tool(append(append([]string{"go", "test", "-c"}, flags...), ".")...)
	// Below its home it keeps counts of its use.
	made.Env = append(made.Env, "GOCACHE="+filepath.Join(work, "cache"), "HOME="+work)
	return made
}

// leaveNoSource removes what the program could read of tests, and all that building has left.
func leaveNoSource(reporter, work string) error {
	gone := []string{work}
	if reporter != "" {
		gone = append(gone, path.Base(reporter))
	}
	err := filepath.WalkDir(".", func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".go") {
			gone = append(gone, name)
		}
		return err
	})
	for _, name := range gone {
		if err == nil {
			err = os.RemoveAll(name)
		}
	}
	return err
}

func become(program string, argv []string, stdin []byte) error {
	reading, writing, err := os.Pipe()
	if err != nil {
		return err
	}
	// A pipe holds more than a key.
	if _, err := writing.Write(stdin); err != nil {
		return err
	}
	writing.Close()
	if err := syscall.Dup3(int(reading.Fd()), 0, 0); err != nil {
		return err
	}
	return syscall.Exec(program, argv, os.Environ())
}

type command struct{ *exec.Cmd }

// tool returns a command that is to collect garbage only where memory is short: for processes this short, that is a fifth
// of their time. Two of them run at once.
func tool(argv ...string) command {
	made := exec.Command(argv[0], argv[1:]...)
	made.Env = append(os.Environ(), "GOGC=off")
	var limit int
	if _, err := fmt.Sscanf(os.Getenv("GOMEMLIMIT"), "%dMiB", &limit); err == nil {
		made.Env = append(made.Env, fmt.Sprintf("GOMEMLIMIT=%dMiB", limit/2))
	}
	return command{made}
}

// run runs the command for people to read.
func (c command) run() error {
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Cmd.Run(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			os.Exit(1)
		}
		return err
	}
	return nil
}

// quietly runs the command; what it says is the error's.
func (c command) quietly() error {
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(c.Path), err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}
