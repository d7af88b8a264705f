// Package testmain runs tests as the program that go test generates does, without what only profiles, coverage and
// fuzzing need: the linker takes a fifth less time for a program that has none of it.
package testmain

import (
	"errors"
	"io"
	"os"
	"reflect"
	"testing"
	"time"
)

// Main runs tests, by way of their package's own TestMain, and ends the program.
func Main(tests []testing.InternalTest, testMain func(*testing.M)) {
	testMain(testing.MainStart(deps{}, tests, nil, nil, nil))
	os.Exit(0)
}

var errNone = errors.New("not in this program")

type corpusEntry = struct {
	Parent     string
	Path       string
	Data       []byte
	Values     []any
	Generation int
	IsSeed     bool
}

// What package testing asks for, in all versions of Go from 1.22 to the newest that is known.
type deps struct{}

// MatchString knows no patterns: who asks for some of the tests only is refused.
func (deps) MatchString(pattern, _ string) (bool, error) {
	if pattern != "" {
		return false, errNone
	}
	return true, nil
}

func (deps) ImportPath() string                          { return "" }
func (deps) ModulePath() string                          { return "" }
func (deps) SetPanicOnExit0(bool)                        {}
func (deps) StartCPUProfile(io.Writer) error             { return errNone }
func (deps) StopCPUProfile()                             {}
func (deps) StartTestLog(io.Writer)                      {}
func (deps) StopTestLog() error                          { return errNone }
func (deps) WriteProfileTo(string, io.Writer, int) error { return errNone }
func (deps) ResetCoverage()                              {}
func (deps) SnapshotCoverage()                           {}
func (deps) RunFuzzWorker(func(corpusEntry) error) error { return errNone }
func (deps) CheckCorpus([]any, []reflect.Type) error     { return errNone }
func (deps) ReadCorpus(string, []reflect.Type) ([]corpusEntry, error) {
	return nil, errNone
}

func (deps) InitRuntimeCoverage() (mode string, tearDown func(string, string) (string, error), snapcov func() float64) {
	return
}

func (deps) CoordinateFuzzing(
	time.Duration, int64, time.Duration, int64, int, []corpusEntry, []reflect.Type, string, string,
) error {
	return errNone
}
