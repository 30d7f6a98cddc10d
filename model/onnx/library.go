package onnx

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/noworse/noworse/model"
)

// Library is a shared library of ONNX Runtime.
type Library struct {
	Path string
	From string // how it was found, for people
	// Version is known once it is loaded.
	Version string

	named bool // by somebody who wants this one
}

// Variable is the environment variable that names a library.
const Variable = "NOWORSE_ONNXRUNTIME"

// Oldest is the oldest ONNX Runtime that will do.
const Oldest = "1.24"

// ErrNoLibrary: ONNX Runtime was not found on this machine. Python may still have
// it, in a process of its own.
var ErrNoLibrary = errors.New("ONNX Runtime was not found")

// noLibrary is a model.Error that is ErrNoLibrary.
type noLibrary struct{ is *model.Error }

func (n noLibrary) Error() string   { return n.is.Error() }
func (n noLibrary) Unwrap() []error { return []error{ErrNoLibrary, n.is} }

// Find looks for a library of ONNX Runtime: the one that is named, else that of the
// environment variable, else those in the usual places, else that of Python's
// onnxruntime package.
func Find(ctx context.Context, named string) (Library, error) {
	for _, n := range []Library{{Path: named, From: "as named"}, {Path: os.Getenv(Variable), From: "$" + Variable}} {
		if n.Path == "" {
			continue
		}
		if _, err := os.Stat(n.Path); err != nil {
			return Library{}, &model.Error{
				Message: fmt.Sprintf("ONNX Runtime is said to be %s (%s), which cannot be opened: %v", n.Path, n.From, cause(err)),
				Hint:    "name its shared library, such as libonnxruntime.so, or let it be looked for", Missing: errors.Is(err, os.ErrNotExist),
			}
		}
		n.named = true
		return n, nil
	}
	old := ""
	for _, dir := range usual() {
		lib, tooOld := in(dir, "in "+dir)
		if lib.Path != "" {
			return lib, nil
		}
		old = cmp.Or(old, tooOld)
	}
	lib, tooOld := ofPython(ctx)
	if lib.Path != "" {
		return lib, nil
	}
	return lib, notFound(cmp.Or(old, tooOld))
}

// notFound is an error that says how to get a library; old is one that is too old.
func notFound(old string) error {
	e := &model.Error{Message: "ONNX Runtime was not found", Hint: "pip install onnxruntime, or let $" + Variable + " name its shared library"}
	if old != "" {
		e.Message = fmt.Sprintf("ONNX Runtime %s or newer was not found: %s is older", Oldest, old)
		e.Hint = "pip install --upgrade onnxruntime, or let $" + Variable + " name a newer library"
	}
	return noLibrary{e}
}

// usual are the directories where a system keeps the library.
func usual() []string {
	var dirs []string
	if self, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Dir(self))
	}
	if runtime.GOOS == "windows" {
		return dirs // that of the system is older, and for others
	}
	dirs = append(dirs, "/usr/local/lib", "/opt/homebrew/lib", "/usr/lib", "/usr/lib64", "/opt/onnxruntime/lib")
	more, _ := filepath.Glob("/usr/lib/*-linux-gnu*")
	return append(dirs, more...)
}

// fileName matches libraries, with the version where the name has it.
var fileName = regexp.MustCompile(`^(?:libonnxruntime\.so(?:\.([0-9.]+))?|libonnxruntime(?:\.([0-9.]+))?\.dylib|onnxruntime\.dll)$`)

// in is the newest library in a directory that will do; tooOld is one that will not.
func in(dir, from string) (lib Library, tooOld string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return lib, ""
	}
	best := []int{}
	for _, e := range entries {
		if !fileName.MatchString(e.Name()) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			continue
		}
		version := numbers(versionOf(real))
		if version != nil && slices.Compare(version, numbers(Oldest)) < 0 {
			tooOld = path
			continue
		}
		if lib.Path == "" || slices.Compare(version, best) > 0 {
			lib, best = Library{Path: path, From: from}, version
		}
	}
	return lib, tooOld
}

// versionOf is the version in a library's name, as far as it has one.
func versionOf(path string) string {
	m := fileName.FindStringSubmatch(filepath.Base(path))
	if m == nil {
		return ""
	}
	return m[1] + m[2]
}

// numbers are the parts of a version such as 1.24.3; nil where there are fewer than
// two, as in libonnxruntime.so.1.
func numbers(version string) []int {
	var list []int
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		list = append(list, n)
	}
	if len(list) < 2 {
		return nil
	}
	return list
}

// findPackage prints where Python's package keeps its library, and imports
// nothing of it. The working directory may be a stranger's: no module of it counts.
const findPackage = `import sys
sys.path = [p for p in sys.path if p]
import importlib.util
found = importlib.util.find_spec("onnxruntime")
print(found.submodule_search_locations[0] if found and found.submodule_search_locations else "")`

// pythons is the directory of the library in Python's onnxruntime package; "" if
// there is none.
func pythons(ctx context.Context) string {
	interpreter := os.Getenv("NOWORSE_PYTHON")
	if env := os.Getenv("VIRTUAL_ENV"); interpreter == "" && env != "" {
		interpreter = filepath.Join(env, "bin", "python")
		if runtime.GOOS == "windows" {
			interpreter = filepath.Join(env, "Scripts", "python.exe")
		}
	}
	out, err := exec.CommandContext(ctx, cmp.Or(interpreter, "python3"), "-c", findPackage).Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		return ""
	}
	return filepath.Join(dir, "capi")
}

func ofPython(ctx context.Context) (lib Library, tooOld string) {
	dir := pythons(ctx)
	if dir == "" {
		return lib, ""
	}
	return in(dir, "of Python's onnxruntime package")
}

// loaded is the library that this process has loaded: there can only be one.
var loaded struct {
	sync.Mutex
	Library
}

// load loads a library, or takes the one that is loaded already.
func (l Library) load() (Library, error) {
	loaded.Lock()
	defer loaded.Unlock()
	if loaded.Path != "" {
		if l.named && !sameFile(l.Path, loaded.Path) {
			return Library{}, &model.Error{
				Message: fmt.Sprintf("ONNX Runtime of %s cannot be used: this run has loaded that of %s", l.Path, loaded.Path),
				Hint:    "a run can load one library: name the same for all models",
			}
		}
		return loaded.Library, nil
	}
	if err := silence(); err != nil {
		return Library{}, l.refused(err)
	}
	ort.SetSharedLibraryPath(l.Path)
	if err := ort.InitializeEnvironment(ort.WithLogLevelFatal()); err != nil {
		return Library{}, l.refused(err)
	}
	_ = ort.DisableTelemetry() // a build without any may refuse
	l.Version = ort.GetVersion()
	loaded.Library = l
	return l, nil
}

// silence keeps ONNX Runtime from telling its makers about models: from 1.29 on its
// builds send names and digests of them unless this is set before they are
// loaded, and keep files in the temporary directory.
func silence() error { return os.Setenv("ORT_DISABLE_TELEMETRY", "1") }

func (l Library) refused(err error) error {
	e := &model.Error{Message: fmt.Sprintf("%s (%s) cannot be loaded as ONNX Runtime", l.Path, l.From), Detail: said(err.Error()),
		Hint: "pip install onnxruntime, and let $" + Variable + " name its shared library, or name none"}
	if strings.Contains(err.Error(), "setting ORT API base") {
		e.Message, e.Detail = fmt.Sprintf("%s (%s) is older than ONNX Runtime %s", l.Path, l.From, Oldest), ""
		e.Hint = "pip install --upgrade onnxruntime"
	}
	if l.named {
		return e
	}
	return noLibrary{e} // it was only found: another way will do as well
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// Load finds a library and loads it, or takes the one that this process has.
func Load(ctx context.Context, named string) (Library, error) {
	if lib, ok := current(); ok && named == "" {
		return lib, nil
	}
	lib, err := Find(ctx, named)
	if err != nil {
		return lib, err
	}
	got, err := lib.load()
	if errors.Is(err, ErrNoLibrary) { // it lay about, for another system or broken
		if other, _ := ofPython(ctx); other.Path != "" && other.Path != lib.Path {
			return other.load()
		}
	}
	return got, err
}

func current() (Library, bool) {
	loaded.Lock()
	defer loaded.Unlock()
	return loaded.Library, loaded.Path != ""
}
