package gatetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/noworse/noworse"

// rooms are the packages of the module and what each may import of ours. Data
// goes one way, so do imports; ARCHITECTURE.md draws it. A new package needs a
// line here. "" is the facade, which puts all together.
var rooms = map[string][]string{
	"":        {"baseline", "contract", "dataset", "dataset/duckdb", "gate", "guess", "internal/machine", "internal/runqueue", "internal/scratch", "live", "metric", "model", "model/onnx", "model/python", "model/service", "model/wire", "predict", "profile", "remote", "report", "result", "spec"},
	"result":  {},
	"stats":   {},
	"verdict": {"stats"},
	"spec":    {},
	"remote":  {},
	"dataset": {},
	"slice":   {"dataset"},
	"model":   {"dataset"},
	"live":    {"dataset", "internal/scratch", "model"},

	"model/python":  {"internal/scratch", "model", "model/wire"},
	"model/service": {"dataset", "model"},
	"model/onnx":    {"dataset", "internal/onnxfile", "model", "model/wire"},
	"model/wire":    {"dataset", "model"},

	"behavior": {"dataset", "model", "stats"},
	"bench":    {"model", "stats"},
	"parity":   {},
	"contract": {"profile", "stats"},

	"summary": {"slice", "stats"},
	"metric":  {"summary"},
	"predict": {"dataset", "slice", "summary"},
	"profile": {"dataset", "summary"},
	"drift":   {"profile", "stats"},

	"evidence": {"metric", "stats", "summary"},
	"gate":     {"baseline", "behavior", "bench", "contract", "dataset", "drift", "evidence", "live", "metric", "model", "parity", "predict", "profile", "result", "slice", "spec", "stats", "summary", "verdict"},
	"report":   {"baseline", "result"},

	"baseline":       {"internal/wholefile"}, // does the file work of a store itself: its atomicity is what it is for
	"dataset/duckdb": {"dataset", "internal/scratch", "slice"},

	"guess":              {"dataset", "predict"},
	"demo":               {"internal/onnxfile"},
	"internal/cli":       {"", "baseline", "demo", "guess", "internal/wholefile", "metric", "profile", "report", "result", "spec"},
	"internal/machine":   {"baseline"},
	"internal/onnxfile":  {},
	"internal/runqueue":  {},
	"internal/scratch":   {},
	"internal/wholefile": {},
	"cmd/noworse":        {"internal/cli"},
}

// helpers serve documents, tests and measurements. They may import what they like, and no
// room may import them.
var helpers = []string{"docs", "internal/gatetest", "internal/gatetest/oracle", "internal/gatetest/cloud", "internal/gatetest/modeltest", "internal/gatetest/serving", "internal/benchmark", "internal/calibrate"}

// only are imports that one part of the program has to itself.
var only = []struct {
	path string // of a package, and of those below it
	room string
}{
	{"github.com/duckdb", "dataset/duckdb"},
	{"github.com/yalue/onnxruntime_go", "model/onnx"},
	{"gocloud.dev", "remote"},
	{"github.com/aws", "remote"},
	{"github.com/Azure", "remote"},
	{"golang.org/x/oauth2", "remote"},
	{"os/signal", "internal/cli"},
	{"flag", "internal/cli"},
	{"github.com/alecthomas/kong", "internal/cli"},
	{"github.com/shirou/gopsutil/v4/cpu", "internal/machine"},
	{"github.com/shirou/gopsutil/v4/disk", "internal/cli"},
	{"golang.org/x/term", "internal/cli"},
	{"github.com/schollz/progressbar", "internal/cli"},
}

// goPackage is what `go list -json` says of a package.
type goPackage struct {
	ImportPath string
	Imports    []string
	Error      *struct{ Err string }
}

// TestImports holds the packages to the directions in which they may import.
func TestImports(t *testing.T) {
	for _, wrong := range violations(listPackages(t)) {
		t.Error(wrong)
	}
}

// listPackages is every package of the module.
func listPackages(t *testing.T) []goPackage {
	t.Helper()
	command := exec.Command("go", "list", "-deps", "-e", "-json=ImportPath,Imports,Error", module+"/...")
	out, err := command.Output()
	if err != nil {
		exit, _ := errors.AsType[*exec.ExitError](err)
		t.Fatalf("go list: %v\n%s", err, exit.Stderr)
	}
	var list []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return list
		case err != nil:
			t.Fatalf("go list: %v", err)
		}
		if _, ours := room(p.ImportPath); ours {
			list = append(list, p)
		}
	}
}

// room is a package's path within the module.
func room(path string) (string, bool) {
	if path == module {
		return "", true
	}
	return strings.CutPrefix(path, module+"/")
}

// violations says each import that should not be, and each room that is not there.
func violations(list []goPackage) []string {
	var wrong []string
	seen := map[string]bool{}
	for _, p := range list {
		name, _ := room(p.ImportPath)
		seen[name] = true
		allowed, known := rooms[name]
		switch {
		case slices.Contains(helpers, name):
			continue
		case !known:
			wrong = append(wrong, fmt.Sprintf("package %s is not in the list of rooms: say in %s what it may import", name, "internal/gatetest/imports_test.go"))
			continue
		}
		for _, path := range p.Imports {
			if ours, ok := room(path); ok && !slices.Contains(allowed, ours) {
				wrong = append(wrong, fmt.Sprintf("package %q imports %q, which it may not: of ours it may import %q", name, ours, allowed))
			}
			for _, o := range only {
				if (path == o.path || strings.HasPrefix(path, o.path+"/")) && name != o.room {
					wrong = append(wrong, fmt.Sprintf("package %q imports %s: only %s may", name, path, o.room))
				}
			}
		}
	}
	for name := range rooms {
		if !seen[name] {
			wrong = append(wrong, fmt.Sprintf("package %q was not listed: was it moved, or did go list fail?", name))
		}
	}
	slices.Sort(wrong)
	return wrong
}

// TestViolations makes sure that TestImports can fail.
func TestViolations(t *testing.T) {
	if got := violations(nil); len(got) != len(rooms) {
		t.Errorf("no packages: %d violations, want one for each of %d rooms: %q", len(got), len(rooms), got)
	}
	for _, c := range []struct {
		name, imports, want string
	}{
		{"summary", module + "/spec", `package "summary" imports "spec", which it may not: of ours it may import ["slice" "stats"]`},
		{"gate", module + "/dataset/duckdb", `package "gate" imports "dataset/duckdb", which it may not: of ours it may import ["baseline" "behavior" "bench" "contract" "dataset" "drift" "evidence" "live" "metric" "model" "parity" "predict" "profile" "result" "slice" "spec" "stats" "summary" "verdict"]`},
		{"spec", module, `package "spec" imports "", which it may not: of ours it may import []`},
		{"metric", module + "/internal/gatetest", `package "metric" imports "internal/gatetest", which it may not: of ours it may import ["summary"]`},
		{"gate", "github.com/duckdb/duckdb-go-bindings", `package "gate" imports github.com/duckdb/duckdb-go-bindings: only dataset/duckdb may`},
		{"report", "os/signal", `package "report" imports os/signal: only internal/cli may`},
		{"nowhere", "fmt", `package nowhere is not in the list of rooms: say in internal/gatetest/imports_test.go what it may import`},
	} {
		got := violations([]goPackage{{ImportPath: module + "/" + c.name, Imports: []string{c.imports}}})
		if !slices.Contains(got, c.want) {
			t.Errorf("%s importing %s: %q, want %q", c.name, c.imports, got, c.want)
		}
	}
}
