package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plan is a package whose tests can be built without go.
type plan struct {
	*kit
	work     string
	module   string // Its import path, which the package in the module's folder has, too.
	version  string // Of Go, as go.mod names it: 1.18.
	name     string
	sources  []string
	without  []string // Those of them that hold no tests.
	tests    []string
	archives map[string]string // Of what it imports, by import path.
	facts    map[string]string // What vet knows of that.
	renamed  map[string]string // Import paths that stand for others.
}

var (
	moduleLine  = regexp.MustCompile(`^module\s+([\w./-]+)$`)
	versionLine = regexp.MustCompile(`^go\s+(1\.\d+)(\.\d+)?$`)
)

// build does what go test -c does for the package in the current folder; an error says that this is for go itself.
func (k *kit) build(reporter, program, work string) error {
	p := &plan{
		kit: k, work: work, archives: map[string]string{}, facts: map[string]string{}, renamed: map[string]string{},
	}
	for _, step := range []func() error{
		p.readModule,
		func() error { return p.readPackage(reporter) },
		p.readTests,
		func() error { return p.compileAndVet(program) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) readModule() error {
	content, err := os.ReadFile("go.mod")
	if err != nil {
		return err
	}
	for _, line := range strings.Split(string(content), "\n") {
		line, _, _ = strings.Cut(line, "//")
		line = strings.TrimSpace(line)
		if found := moduleLine.FindStringSubmatch(line); found != nil && p.module == "" {
			p.module = found[1]
		} else if found := versionLine.FindStringSubmatch(line); found != nil && p.version == "" {
			p.version = found[1]
		} else if line != "" {
			return fmt.Errorf("go.mod says %q", line)
		}
	}
	if _, known := p.GODEBUG[p.version]; !known {
		return fmt.Errorf("go.mod names version %q", p.version)
	}
	if _, taken := p.Linked[p.module]; taken || p.module == "" || p.module == "main" {
		return fmt.Errorf("go.mod names module %q", p.module)
	}
	return nil
}

func (p *plan) readPackage(reporter string) error {
	found, err := build.Default.ImportDir(".", 0)
	if err != nil {
		return err
	}
	special := [][]string{
		found.CgoFiles, found.XTestGoFiles, found.EmbedPatterns, found.TestEmbedPatterns, found.InvalidGoFiles,
		found.CFiles, found.CXXFiles, found.MFiles, found.HFiles, found.FFiles, found.SFiles, found.SysoFiles,
		found.SwigFiles, found.SwigCXXFiles,
	}
	for _, names := range special {
		if len(names) > 0 {
			return fmt.Errorf("the package has %v", names)
		}
	}
	if found.Name == "main" || len(found.TestGoFiles) == 0 {
		return fmt.Errorf("package %s has %d files of tests", found.Name, len(found.TestGoFiles))
	}
	p.name = found.Name
	p.without = found.GoFiles
	p.sources = append(append([]string{}, found.GoFiles...), found.TestGoFiles...)
	return p.readImports(append(found.Imports, found.TestImports...), reporter)
}

func (p *plan) readImports(paths []string, reporter string) error {
	for _, path := range paths {
		// An answer that has guessed our packages' names is not to reach them: only what stands here can be imported.
		if path == reporter {
			p.renamed[path] = reporterPackage
			p.archives[reporterPackage] = p.at(archiveOf(reporterPackage))
		} else if known, ok := p.Packages[path]; ok {
			p.archives[path] = p.at(known.Archive)
			p.facts[path] = p.at(known.Facts)
		} else if path != "unsafe" {
			return fmt.Errorf("the package imports %q", path)
		}
	}
	return nil
}

// readTests finds the tests, as go does.
func (p *plan) readTests() error {
	hasMain := false
	for _, name := range p.sources {
		functions, err := functionsOf(name)
		if err != nil {
			return err
		}
		for _, function := range functions {
			switch {
			case function == "TestMain":
				hasMain = true
			case isTest(function, "Test"):
				p.tests = append(p.tests, function)
			case isTest(function, "Example"), isTest(function, "Fuzz"):
				return fmt.Errorf("%s has %s", name, function)
			}
		}
	}
	if !hasMain {
		return errors.New("the tests have no TestMain")
	}
	return nil
}

// functionsOf returns the functions of a file of tests, and none of another.
func functionsOf(name string) ([]string, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if bytes.Contains(content, []byte("//go:debug")) {
		return nil, fmt.Errorf("%s changes settings of the runtime", name)
	}
	if !strings.HasSuffix(name, "_test.go") {
		return nil, nil
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), name, content, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var functions []string
	for _, declared := range parsed.Decls {
		if function, ok := declared.(*ast.FuncDecl); ok && function.Recv == nil {
			functions = append(functions, function.Name.Name)
		}
	}
	return functions, nil
}

// isTest says whether a name is one of those that go test looks for: TestX and Test_x, but not Testing.
func isTest(name, prefix string) bool {
	rest := strings.TrimPrefix(name, prefix)
	first, _ := utf8.DecodeRuneInString(rest)
	return rest != name && (rest == "" || !unicode.IsLower(first))
}

func (p *plan) compileAndVet(program string) error {
	if err := p.writePackageImports(); err != nil {
		return err
	}
	beside := make(chan error, 2)
	go func() { beside <- p.vet() }()
	go func() { beside <- p.compileAlone() }()
	err := p.compile()
	if err == nil {
		err = p.link(program)
	}
	for range [2]int{} {
		if other := <-beside; err == nil {
			err = other
		}
	}
	return err
}

// compileAlone compiles the package as it is without its tests: what it names of them is not there.
func (p *plan) compileAlone() error {
	if len(p.without) == 0 || !p.asked.alone() {
		return nil
	}
	if err := p.compiled(p.module, "alone", inFolderOf(".", p.without)...); err != nil {
		return &leaning{err.Error()}
	}
	return nil
}

func (p *plan) file(name string) string { return filepath.Join(p.work, name) }

// compile makes two archives: of the package with its tests and a function that calls them, and of a main package.
func (p *plan) compile() error {
	if err := os.WriteFile(p.file("hook.go"), p.hook(), 0o644); err != nil {
		return err
	}
	main := fmt.Sprintf("package main\n\nimport tests %q\n\nfunc main() { tests.LlmbenchMain() }\n", p.module)
	if err := os.WriteFile(p.file("main.go"), []byte(main), 0o644); err != nil {
		return err
	}
	if err := p.compiled(p.module, "package", append(p.below("."), p.file("hook.go"))...); err != nil {
		return err
	}
	if err := writeImports(p.file("main.cfg"), map[string]string{p.module: p.file("package.a")}, nil); err != nil {
		return err
	}
	return p.compiled("main", "main", p.file("main.go"))
}

// writePackageImports tells the compiler where to find what the package imports, with its tests or without.
func (p *plan) writePackageImports() error {
	archives := map[string]string{mainPackage: p.at(archiveOf(mainPackage)), "testing": p.at(p.Packages["testing"].Archive)}
	for path, archive := range p.archives {
		archives[path] = archive
	}
	for _, name := range []string{"package.cfg", "alone.cfg"} {
		if err := writeImports(p.file(name), archives, p.renamed); err != nil {
			return err
		}
	}
	return nil
}

// below returns the sources as files of a folder, whose name people find in what compiler and vet say.
func (p *plan) below(folder string) []string { return inFolderOf(folder, p.sources) }

func inFolderOf(folder string, names []string) []string {
	paths := make([]string, len(names))
	for number, name := range names {
		paths[number] = folder + "/" + name
	}
	return paths
}

// hook returns a file of the package that calls its tests, under names that nothing in an answer collides with. Where the
// compiler could inline the call, it would take three times as long for package main.
func (p *plan) hook() []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "package %s\n\nimport (\n\tllmbenchTesting \"testing\"\n\tllmbenchMain %q\n)\n\n", p.name, mainPackage)
	text.WriteString("//go:noinline\nfunc LlmbenchMain() {\n\tllmbenchMain.Main([]llmbenchTesting.InternalTest{\n")
	for _, test := range p.tests {
		fmt.Fprintf(&text, "\t\t{%q, %s},\n", test, test)
	}
	text.WriteString("\t}, TestMain)\n}\n")
	return text.Bytes()
}

func (p *plan) compiled(path, name string, sources ...string) error {
	arguments := []string{"-e", "-o", p.file(name + ".a"), "-importcfg", p.file(name + ".cfg"), "-lang", "go" + p.version}
	return p.kit.compiled(path, append(arguments, append([]string{"-pack"}, sources...)...)...)
}

func (p *plan) link(program string) error {
	archives := map[string]string{
		p.module:        p.file("package.a"),
		reporterPackage: p.at(archiveOf(reporterPackage)),
		mainPackage:     p.at(archiveOf(mainPackage)),
	}
	for path, archive := range p.Linked {
		archives[path] = p.at(archive)
	}
	if err := writeImports(p.file("link.cfg"), archives, nil); err != nil {
		return err
	}
	arguments := []string{"-o", program, "-importcfg", p.file("link.cfg"), "-s", "-w", "-buildmode=exe"}
	if settings := p.GODEBUG[p.version]; settings != "" {
		arguments = append(arguments, "-X=runtime.godebugDefault="+settings)
	}
	return p.tool("link", append(arguments, p.file("main.a"))...).quietly()
}

// vet looks for what go test looks for before it runs any test. The fields are those that go itself writes for vet.
func (p *plan) vet() error {
	if p.again {
		return nil
	}
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	imports, standard := map[string]string{}, map[string]bool{}
	for path := range p.archives {
		imports[path] = path
		standard[path] = path != reporterPackage
	}
	for path, meant := range p.renamed {
		imports[path] = meant
	}
	content, err := json.Marshal(map[string]any{
		"ID": p.module, "Compiler": "gc", "Dir": folder, "ImportPath": p.module, "GoFiles": p.below(folder),
		"ModulePath": p.module, "ImportMap": imports, "PackageFile": p.archives, "Standard": standard,
		"PackageVetx": p.facts, "VetxOutput": p.file("vet.out"), "Stdout": p.file("vet.stdout"),
		"GoVersion": "go" + p.version,
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(p.file("vet.cfg"), content, 0o644); err != nil {
		return err
	}
	return p.tool("vet", append(append([]string{}, p.VetFlags...), p.file("vet.cfg"))...).quietly()
}
