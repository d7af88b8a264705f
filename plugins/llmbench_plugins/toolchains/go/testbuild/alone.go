package main

import (
	"go/build"
	"os"
	"path/filepath"
)

// leaning is a package that does not compile without its tests: it names what is theirs.
type leaning struct{ said string }

func (l *leaning) Error() string { return l.said }

// aloneByGo has go build a package, whose tests it has built, once more without them.
func aloneByGo(work string) error {
	found, err := build.Default.ImportDir(".", 0)
	if err != nil || len(found.GoFiles) == 0 || len(found.TestGoFiles) == 0 {
		return nil
	}
	for _, name := range found.TestGoFiles {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	// A file of tests that holds none: the package is compiled in the same way, whatever its name is.
	empty := []byte("package " + found.Name + "\n")
	if err := os.WriteFile("llmbench_alone_test.go", empty, 0o644); err != nil {
		return err
	}
	if err := goTest(work, "-vet=off", "-gcflags=-e -dwarf=false", "-o", filepath.Join(work, "alone")).quietly(); err != nil {
		return &leaning{err.Error()}
	}
	return nil
}
