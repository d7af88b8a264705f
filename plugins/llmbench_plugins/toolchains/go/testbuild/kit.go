package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// kit is what was made ready when the toolchain was installed: how go calls its tools on this machine, and the standard
// library as they want it.
type kit struct {
	Tools    string            // The folder of compile, vet and link.
	VetFlags []string          // What go test has vet look for.
	Packages map[string]files  // Those that may be imported, by import path.
	Linked   map[string]string // All archives that a program may need, by import path.
	GODEBUG  map[string]string // The runtime's settings, by the version of Go that go.mod names, such as 1.18.

	asked
	home  string
	plain bool // Whether programs are linked as they have always been, and not to be placed anywhere in memory.
}

// files are those of a compiled package, in the cache.
type files struct {
	Archive string
	Facts   string // What vet knows of it.
}

const (
	kitFile         = "testbuild.json"
	reporterPackage = "llmbench/reporter"
	mainPackage     = "llmbench/testmain"
)

func readKit(home string) (*kit, error) {
	content, err := os.ReadFile(filepath.Join(home, kitFile))
	if err != nil {
		return nil, err
	}
	k := &kit{home: home}
	return k, json.Unmarshal(content, k)
}

func (k *kit) write() error {
	content, err := json.MarshalIndent(k, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(k.home, kitFile), content, 0o644)
}

// at returns where a file of the toolchain's folder is: the folder is moved after it was made.
func (k *kit) at(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(k.home, path)
}

// stored makes a path that lies in the toolchain's folder relative to it.
func (k *kit) stored(path string) string {
	if rest := strings.TrimPrefix(path, k.home+"/"); rest != path {
		return rest
	}
	return path
}

func (k *kit) tool(name string, arguments ...string) command {
	return tool(append([]string{filepath.Join(k.Tools, name)}, arguments...)...)
}

// writeImports writes a file that tells compiler or linker where packages are.
func writeImports(path string, archives, renamed map[string]string) error {
	var text strings.Builder
	for _, name := range sortedKeys(renamed) {
		text.WriteString("importmap " + name + "=" + renamed[name] + "\n")
	}
	for _, name := range sortedKeys(archives) {
		text.WriteString("packagefile " + name + "=" + archives[name] + "\n")
	}
	return os.WriteFile(path, []byte(text.String()), 0o644)
}

func sortedKeys(from map[string]string) []string {
	keys := make([]string, 0, len(from))
	for key := range from {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
