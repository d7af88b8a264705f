package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

var (
	heredoc = regexp.MustCompile(`^cat >(\S.*) << 'EOF'`)
	minor   = regexp.MustCompile(`^go1\.(\d+)`)
)

const (
	oldest   = 18 // Of the versions that a go.mod may name, the second part of the oldest.
	settings = "-X=runtime.godebugDefault="
)

// prepared writes the kit into a toolchain's folder, whose cache go test -c -x has used with the log as its words. Where
// they are not understood, nothing is written: tests are built by go test -c, then, which takes longer.
func prepared(log, folder string) error {
	content, err := os.ReadFile(log)
	if err != nil {
		return err
	}
	home, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	k := &kit{home: home, Packages: map[string]files{}, Linked: map[string]string{}, GODEBUG: map[string]string{}}
	steps := []func() error{
		func() error { return k.readLog(strings.Split(string(content), "\n")) },
		func() error { return k.readSettings(string(content)) },
		k.compileSupport,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			fmt.Printf("%s is not known well enough to call its tools directly: %v\n", runtime.Version(), err)
			return nil
		}
	}
	return k.write()
}

// readLog learns from the commands that go says it runs, and from the files that it says it writes for them.
func (k *kit) readLog(lines []string) error {
	for number := 0; number < len(lines); number++ {
		found := heredoc.FindStringSubmatch(lines[number])
		if found == nil {
			k.readCommand(strings.Fields(lines[number]))
			continue
		}
		first := number + 1
		for number < len(lines) && lines[number] != "EOF" {
			number++
		}
		if err := k.readFile(filepath.Base(found[1]), lines[first:number]); err != nil {
			return err
		}
	}
	if k.Tools == "" || len(k.Packages) == 0 || len(k.Linked) == 0 || !k.plain {
		return fmt.Errorf("tools in %q, %d packages, %d archives, plain %v", k.Tools, len(k.Packages), len(k.Linked), k.plain)
	}
	return nil
}

func (k *kit) readCommand(words []string) {
	for position, word := range words {
		last := words[len(words)-1]
		switch {
		case strings.HasSuffix(word, "/vet") && strings.HasSuffix(last, "/vet.cfg"):
			k.Tools = filepath.Dir(word)
			k.VetFlags = words[position+1 : len(words)-1]
		case word == "-buildmode=exe":
			k.plain = true
		}
	}
}

func (k *kit) readFile(name string, lines []string) error {
	switch name {
	case "vet.cfg":
		var said struct{ PackageFile, PackageVetx map[string]string }
		if err := json.Unmarshal([]byte(strings.Join(lines, "\n")), &said); err != nil {
			return err
		}
		for path, archive := range said.PackageFile {
			if said.PackageVetx[path] == "" {
				return fmt.Errorf("vet knows nothing of %s", path)
			}
			k.Packages[path] = files{Archive: k.stored(archive), Facts: k.stored(said.PackageVetx[path])}
		}
	case "importcfg.link":
		for _, line := range lines {
			path, archive, ok := strings.Cut(strings.TrimPrefix(line, "packagefile "), "=")
			if ok && strings.HasPrefix(line, "packagefile ") && k.stored(archive) != archive {
				k.Linked[path] = k.stored(archive)
			}
		}
	}
	return nil
}

// readSettings asks go for the settings that each version named in a go.mod brings, and compares one with the log's.
func (k *kit) readSettings(log string) error {
	found := minor.FindStringSubmatch(runtime.Version())
	if found == nil {
		return errors.New("it names no version")
	}
	newest, err := strconv.Atoi(found[1])
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "testbuild")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	for number := oldest; number <= newest; number++ {
		version := fmt.Sprintf("1.%d", number)
		if k.GODEBUG[version], err = settingsOf(folder, version); err != nil {
			return err
		}
	}
	if !strings.Contains(log, settings+k.GODEBUG["1.18"]+" ") {
		return fmt.Errorf("go test has other settings than %q", k.GODEBUG["1.18"])
	}
	return nil
}

func settingsOf(folder, version string) (string, error) {
	for name, content := range map[string]string{
		"go.mod":  fmt.Sprintf("module settings\n\ngo %s\n", version),
		"main.go": "package main\n\nfunc main() {}\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
			return "", err
		}
	}
	asked := tool("go", "list", "-f", "{{.DefaultGODEBUG}}", ".")
	asked.Dir = folder
	said, err := asked.Output()
	if err != nil {
		return "", fmt.Errorf("go list: %w", err)
	}
	return strings.TrimSpace(string(said)), nil
}

// compileSupport compiles the packages that are linked with all tests; their sources lie beside this program's.
func (k *kit) compileSupport() error {
	archives := map[string]string{}
	for path, known := range k.Packages {
		archives[path] = k.at(known.Archive)
	}
	imports := k.at("support.cfg")
	if err := writeImports(imports, archives, nil); err != nil {
		return err
	}
	defer os.Remove(imports)
	for _, path := range []string{reporterPackage, mainPackage} {
		archive := k.at(archiveOf(path))
		if err := os.MkdirAll(filepath.Dir(archive), 0o755); err != nil {
			return err
		}
		name := filepath.Base(path)
		source, err := filepath.Abs(filepath.Join(name, name+".go"))
		if err != nil {
			return err
		}
		if err := k.compiled(path, "-o", archive, "-importcfg", imports, "-pack", source); err != nil {
			return err
		}
	}
	return nil
}

func archiveOf(path string) string { return path + ".a" }

func (k *kit) compiled(path string, arguments ...string) error {
	flags := []string{"-p", path, "-complete", "-dwarf=false", "-nolocalimports"}
	return k.tool("compile", append(flags, arguments...)...).quietly()
}
