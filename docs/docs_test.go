// Package docs_test holds the documents to the program: what they show is run.
//
// Every fenced block of README.md and docs/*.md is checked, by its language:
//
//	sh        is run by bash -eu; a line `# exit N` is the exit code of the line before it (else 0)
//	console   lines `$ command`, each followed by exactly what it prints, seconds and days aside
//	yaml      a spec, which must load; or what its directive says
//	go        a program, which must build and pass go vet
//	json      must be JSON
//	python    a module, which must compile; it is not run, for it may need what is nowhere
//	make      targets that the Makefile has; they are not run here
//
// A comment on the line before a block is its directive:
//
//	<!-- file: NAME -->             the block is also written to that file, for the blocks after it
//	<!-- partial of: NAME spec -->  the yaml is laid over docs/testdata/NAME.yaml, as extends does
//	<!-- run in: DIR -->            that part, in that directory, is also checked against the data there
//	<!-- workflow steps -->         the yaml is a list of steps; their noworse commands are run
//
// Several directives are parted by a semicolon.
//
// The blocks of one document share a new directory and run in order. The
// program comes first on the PATH.
//
//	go test ./docs -update   writes what commands print, and demo.svg, anew
package docs_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/spec"
)

var update = flag.Bool("update", false, "write what the commands of the documents print, and demo.svg, anew")

// root is the repository; tests run in the directory of their package.
var root = func() string {
	dir, err := filepath.Abs("..")
	if err != nil {
		panic(err)
	}
	return dir
}()

// bin is the directory of the freshly built program.
var bin string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(func() int {
		var err error
		if bin, err = os.MkdirTemp("", "noworse-docs-*"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(bin)
		return m.Run()
	}())
}

// program builds noworse, once.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(bin, "noworse")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, "./cmd/noworse")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("noworse does not build: %w\n%s", err, out)
	}
	return path, nil
})

func wantProgram(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the documents are for a shell")
	}
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestBlocks checks every block of every document.
func TestBlocks(t *testing.T) {
	wantProgram(t)
	for _, d := range documents(t) {
		t.Run(d.path, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for i, b := range d.blocks {
				t.Run(fmt.Sprintf("line %d", b.line), func(t *testing.T) { checkBlock(t, &d, i, dir) })
			}
		})
	}
}

// directives are what the comment before a block says.
type directives struct {
	file  string // "": it is not written
	base  string // "": it is not a part of a spec
	runIn string // "": it is only loaded
	steps bool
}

// directivesOf reads the comment before a block.
func directivesOf(t *testing.T, b block) directives {
	t.Helper()
	var d directives
	for part := range strings.SplitSeq(b.directive, "; ") {
		file, isFile := strings.CutPrefix(part, "file: ")
		base, isPartial := strings.CutPrefix(strings.TrimSuffix(part, " spec"), "partial of: ")
		switch {
		case isFile:
			d.file = file
		case isPartial:
			d.base = base
		case strings.HasPrefix(part, "run in: "):
			d.runIn = strings.TrimPrefix(part, "run in: ")
		case part == "workflow steps":
			d.steps = true
		case part != "":
			t.Fatalf("there is no directive %q", part)
		}
	}
	return d
}

func checkBlock(t *testing.T, d *document, i int, dir string) {
	b := d.blocks[i]
	is := directivesOf(t, b)
	if is.file != "" {
		writeFile(t, filepath.Join(dir, is.file), b.text())
	}
	switch b.language {
	case "sh":
		runScript(t, b, dir)
	case "console":
		runSession(t, d, i, dir)
	case "yaml":
		checkYAML(t, b, is, dir)
	case "go":
		vet(t, b)
	case "json":
		if !json.Valid([]byte(b.text())) {
			t.Error("this is no JSON")
		}
	case "python":
		compilePython(t, b)
	case "make":
		checkTargets(t, b)
	case "csv":
		if is.file == "" {
			t.Error("nothing checks a csv block unless it is a file that later blocks use")
		}
	default:
		t.Errorf("nothing checks blocks of the language %q", b.language)
	}
}

func compilePython(t *testing.T, b block) {
	c := exec.Command(oracle.Python(t), "-c", "import sys; compile(sys.stdin.read(), 'block', 'exec')")
	c.Stdin = strings.NewReader(b.text())
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// shell runs a script as a user would, in a directory, and returns what it
// prints to both streams and its exit code.
func shell(t *testing.T, dir, script string, flags ...string) (string, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "bash", append(flags, "-c", script)...)
	c.Dir = dir
	c.Env = append(os.Environ(), "NOWORSE_CACHE="+filepath.Join(bin, "cache"), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "LC_ALL=C.UTF-8")
	out, err := c.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !asExit(err, &exit) {
		t.Fatalf("bash cannot run: %v", err)
	}
	return string(out), c.ProcessState.ExitCode()
}

func asExit(err error, exit **exec.ExitError) bool {
	e, ok := err.(*exec.ExitError)
	*exit = e
	return ok
}

var exitComment = regexp.MustCompile(`^# exit (\d+)$`)

// runScript runs the parts of a script that end in a comment `# exit N`, and
// what follows the last. A part that must fail is one command, or else it could
// have stopped short.
func runScript(t *testing.T, b block, dir string) {
	var part []string
	run := func(want int) {
		if want != 0 && len(part) != 1 {
			t.Fatalf("%d lines before `# exit %d`: there must be one", len(part), want)
		}
		if out, code := shell(t, dir, strings.Join(part, "\n"), "-eu"); code != want {
			t.Errorf("exit code %d, not %d:\n%s", code, want, out)
		}
		part = nil
	}
	for _, line := range b.body {
		if m := exitComment.FindStringSubmatch(line); m != nil {
			want, _ := strconv.Atoi(m[1])
			run(want)
			continue
		}
		part = append(part, line)
	}
	run(0)
}

// runSession runs the commands of a console block one after another, in one
// shell, and compares what they print. $? is that of the command before.
func runSession(t *testing.T, d *document, i int, dir string) {
	const mark = "\x01"
	b := d.blocks[i]
	script := "exec 2>&1\nstatus=0\n"
	var commands []string
	for _, line := range b.body {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			commands = append(commands, command)
			script += "printf '" + `\001` + "'; (exit $status)\n" + command + "\nstatus=$?\n"
		}
	}
	if len(commands) == 0 || !strings.HasPrefix(b.body[0], "$ ") {
		t.Fatal("a console block begins with `$ command`")
	}
	out, _ := shell(t, dir, script)
	var got []string
	for k, part := range strings.Split(out, mark)[1:] {
		got = append(got, "$ "+commands[k])
		if part != "" {
			got = append(got, strings.Split(strings.TrimSuffix(part, "\n"), "\n")...)
		}
	}
	if same(got, b.body) {
		return
	}
	if *update {
		for k := range got {
			got[k] = steady(got[k])
		}
		d.replace(t, i, got)
		return
	}
	t.Errorf("it prints\n%s\n\nand the document says\n%s\n\n(go test ./docs -update writes it anew)", strings.Join(got, "\n"), b.text())
}

func same(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if steady(a[i]) != steady(b[i]) {
			return false
		}
	}
	return true
}

var (
	seconds = regexp.MustCompile(`   (under )?[0-9][0-9. min]* s$`)
	day     = regexp.MustCompile(`\(accepted \d{4}-\d\d-\d\d\)`)
)

// steady is a line without what differs from run to run: the seconds at the end
// of a report's header, and the day on which a baseline was accepted.
func steady(line string) string {
	line = day.ReplaceAllString(line, "(accepted 2026-01-05)")
	return seconds.ReplaceAllString(strings.TrimRight(line, " "), "   0.2 s")
}

// checkYAML holds a block to what its directives, or its first line, say it is.
func checkYAML(t *testing.T, b block, is directives, dir string) {
	switch {
	case is.base != "":
		loadPartial(t, b, is, dir)
	case is.steps:
		runSteps(t, b, dir)
	case strings.HasPrefix(b.text(), "version:"):
		name := filepath.Join(dir, "noworse.yaml")
		if is.file != "" {
			name = filepath.Join(dir, is.file)
		}
		load(t, name, b.text(), os.ReadFile)
	default:
		t.Error("a yaml block is a spec that begins with version:, or says in a comment before it what it is")
	}
}

func load(t *testing.T, name, text string, read func(string) ([]byte, error)) {
	t.Helper()
	getenv := func(name string) (string, bool) { return "value-of-" + name, true }
	options := spec.Options{Vocabulary: gate.Vocabulary(), Getenv: getenv, ReadFile: read}
	if _, err := spec.Parse(name, []byte(text), options); err != nil {
		t.Errorf("it does not load:\n%v", err)
	}
}

// loadPartial lays a part of a spec over a whole one, and runs what comes of it
// where that is asked for.
func loadPartial(t *testing.T, b block, is directives, dir string) {
	t.Helper()
	base, err := os.ReadFile(filepath.Join(root, "docs", "testdata", is.base+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	part := "extends: base.yaml\n" + b.text()
	if !strings.HasPrefix(b.text(), "version:") {
		part = "version: 1\n" + part
	}
	load(t, "part.yaml", part, func(string) ([]byte, error) { return base, nil })
	if is.runIn == "" {
		return
	}
	at := filepath.Join(dir, is.runIn)
	writeFile(t, filepath.Join(at, "base.yaml"), string(base))
	writeFile(t, filepath.Join(at, "part.yaml"), part)
	if out, code := shell(t, at, "noworse check part.yaml"); code == 2 {
		t.Errorf("it does not run:\n%s", out)
	}
}

// runSteps runs the noworse commands among the steps of a workflow: they must
// at least start.
func runSteps(t *testing.T, b block, dir string) {
	var steps []struct {
		Run string `yaml:"run"`
	}
	if err := yaml.Unmarshal([]byte(b.text()), &steps); err != nil {
		t.Fatal(err)
	}
	ran := false
	for _, s := range steps {
		if !strings.HasPrefix(s.Run, "noworse ") {
			continue
		}
		ran = true
		if out, code := shell(t, dir, s.Run, "-eu"); code == 2 || code > 3 {
			t.Errorf("%s: exit code %d:\n%s", s.Run, code, out)
		}
	}
	if !ran {
		t.Error("no step runs noworse")
	}
}

// vet builds a program in a module of its own, as a user's would be.
func vet(t *testing.T, b block) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "main.go"), b.text())
	mod := "module example.com/gate\n\ngo 1.26\n\nrequire github.com/noworse/noworse v0.0.0\n\n" +
		"replace github.com/noworse/noworse => " + strconv.Quote(filepath.ToSlash(root)) + "\n"
	writeFile(t, filepath.Join(dir, "go.mod"), mod)
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "go.sum"), string(sum))
	c := exec.Command("go", "vet", ".")
	c.Dir, c.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}

// checkTargets wants every line to be `make TARGET`, with a target of the Makefile.
func checkTargets(t *testing.T, b block) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range b.body {
		command, _, _ := strings.Cut(line, "#")
		target, ok := strings.CutPrefix(strings.TrimSpace(command), "make ")
		if !ok || !regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(target)+`:`).Match(makefile) {
			t.Errorf("%q is no target of the Makefile", line)
		}
	}
}

// TestMetricsPage wants docs/metrics.md to have one row for each metric, with
// the tasks and the direction of the table.
func TestMetricsPage(t *testing.T) {
	rows := map[string][]string{}
	for _, line := range readDocument(t, filepath.Join(root, "docs", "metrics.md")).lines {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "¦"), " | ")
		rows[strings.Trim(cells[0], "|` ")] = cells
	}
	for _, m := range metric.All() {
		cells, ok := rows[m.Name]
		delete(rows, m.Name)
		switch {
		case !ok || len(cells) != 6:
			t.Errorf("docs/metrics.md has no row of six cells for %s", m.Name)
		case cells[2] != strings.Join(m.Tasks, ", ") || cells[4] != string(m.Better):
			t.Errorf("docs/metrics.md: %s is for %s and better %s, not %s and %s", m.Name, m.Tasks, m.Better, cells[2], cells[4])
		case (cells[3] == "0 to 1") != m.Bounded:
			t.Errorf("docs/metrics.md: the range of %s is not %s", m.Name, cells[3])
		}
	}
	for name := range rows {
		t.Errorf("docs/metrics.md: there is no metric %s", name)
	}
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestLinks wants every link to a file of the repository to lead somewhere.
func TestLinks(t *testing.T) {
	for _, d := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(d.prose(), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			path := filepath.Join(root, filepath.Dir(d.path), target)
			if target == "" {
				path = filepath.Join(root, d.path)
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", d.path, m[1])
			} else if anchor != "" && !headings(t, path)[anchor] {
				t.Errorf("%s: %s has no heading for #%s", d.path, target, anchor)
			}
		}
	}
}

// headings are the anchors of a document, as GitHub makes them.
func headings(t *testing.T, path string) map[string]bool {
	t.Helper()
	d := readDocument(t, path)
	anchors := map[string]bool{}
	drop := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for _, line := range strings.Split(d.prose(), "\n") {
		if title, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			anchors[strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(title), ""), " ", "-")] = true
		}
	}
	return anchors
}
