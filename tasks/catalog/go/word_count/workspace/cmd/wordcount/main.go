// Wordcount lists how often each word occurs in texts.
package main

import (
	"io/fs"
	"os"

	"catalog.example/wordcount"
)

// disk opens files by any path, relative or absolute.
type disk struct{}

func (disk) Open(name string) (fs.File, error) { return os.Open(name) }

func main() {
	os.Exit(wordcount.Run(os.Args[1:], disk{}, os.Stdin, os.Stdout, os.Stderr))
}
