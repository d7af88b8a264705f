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

// Prepared writes the kit into a toolchain's folder, whose cache go test -c -x has used with the log as its words. Where
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

func (k *kit) readLog(lines []string) error {
	plainly := false
	for number := 0; number < len(lines); number++ {
		if found := heredoc.FindStringSubmatch(lines[number]); found != nil {
			first := number + 1
			for number < len(lines) && lines[number] != "EOF" {
				number++
			}
			if err := k.readFile(filepath.Base(found[1]), lines[first:number]); err != nil {
				return err
			}
			continue
		}
		words := strings.Fields(lines[number])
		for position, word := range words {
			switch {
			case strings.HasSuffix(word, "/vet") && strings.HasSuffix(words[len(words)-1], "/vet.cfg"):
				k.Tools = filepath.Dir(word)
				k.VetFlags = words[position+1 : len(words)-1]
			case strings.HasSuffix(word, "/link"):
				plainly = strings.Contains(lines[number], " -buildmode=exe ")
			}
		}
	}
	if k.Tools == "" || len(k.Packages) == 0 || len(k.Linked) == 0 || !plainly {
		return fmt.Errorf("tools in %q, %d packages, %d linked, as an executable: %v", k.Tools, len(k.Packages), len(k.Linked), plainly)
	}
	return nil
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
			k.Packages[path] = files{Archive: k.below(archive), Facts: k.below(said.PackageVetx[path])}
		}
	case "importcfg.link":
		for _, line := range lines {
			path, archive, ok := strings.Cut(strings.TrimPrefix(line, "packagefile "), "=")
			if ok && strings.HasPrefix(line, "packagefile ") && k.below(archive) != archive {
				k.Linked[path] = k.below(archive)
			}
		}
	}
	return nil
}

// ReadSettings asks go for the settings that each version named in a go.mod brings, and compares one with the log's.
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
	if err := os.WriteFile(filepath.Join(folder, "main.go"), []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		return err
	}
	for number := oldest; number <= newest; number++ {
		version := fmt.Sprintf("1.%d", number)
		module := fmt.Sprintf("module settings\n\ngo %s\n", version)
		if err := os.WriteFile(filepath.Join(folder, "go.mod"), []byte(module), 0o644); err != nil {
			return err
		}
		asked := tool("go", "list", "-f", "{{.DefaultGODEBUG}}", ".")
		asked.Dir = folder
		said, err := asked.Output()
		if err != nil {
			return fmt.Errorf("go list: %w", err)
		}
		k.GODEBUG[version] = strings.TrimSpace(string(said))
	}
	if !strings.Contains(log, settings+k.GODEBUG["1.18"]+" ") {
		return fmt.Errorf("go test has other settings than %q", k.GODEBUG["1.18"])
	}
	return nil
}

// CompileSupport compiles the packages that are linked with all tests; their sources lie beside this program's.
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
