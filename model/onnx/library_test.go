package onnx

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/model"
)

// TestInDirectory: of several libraries the newest is taken, and none that is
// known to be too old.
func TestInDirectory(t *testing.T) {
	for name, c := range map[string]struct {
		files []string
		want  string
		old   string
	}{
		"none":       {[]string{"libonnxruntime_providers_shared.so", "libonnx.so"}, "", ""},
		"newest":     {[]string{"libonnxruntime.so.1.24.0", "libonnxruntime.so.1.100.1", "libonnxruntime.so.1.32.0"}, "libonnxruntime.so.1.100.1", ""},
		"old":        {[]string{"libonnxruntime.so.1.19.2"}, "", "libonnxruntime.so.1.19.2"},
		"both":       {[]string{"libonnxruntime.so.1.19.2", "libonnxruntime.so.1.24.1"}, "libonnxruntime.so.1.24.1", "libonnxruntime.so.1.19.2"},
		"unknown":    {[]string{"libonnxruntime.so.1"}, "libonnxruntime.so.1", ""},
		"of a Mac":   {[]string{"libonnxruntime.1.24.3.dylib"}, "libonnxruntime.1.24.3.dylib", ""},
		"of Windows": {[]string{"onnxruntime.dll"}, "onnxruntime.dll", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, f := range c.files {
				if err := os.WriteFile(filepath.Join(dir, f), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			lib, old := in(dir, "there")
			if got := strings.TrimPrefix(lib.Path, dir+"/"); got != c.want || strings.TrimPrefix(old, dir+"/") != c.old {
				t.Errorf("got %q and %q, want %q and %q", got, old, c.want, c.old)
			}
		})
	}
	t.Run("a link", func(t *testing.T) {
		dir := t.TempDir()
		if err := errors.Join(os.WriteFile(filepath.Join(dir, "libonnxruntime.so.1.17.3"), nil, 0o600), os.Symlink("libonnxruntime.so.1.17.3", filepath.Join(dir, "libonnxruntime.so"))); err != nil {
			t.Fatal(err)
		}
		if lib, old := in(dir, "there"); lib.Path != "" || old == "" {
			t.Errorf("a link to an old library: %+v %q", lib, old)
		}
	})
}

// TestFind: what is named is taken or refused, and never replaced by another.
func TestFind(t *testing.T) {
	dir := t.TempDir()
	some := filepath.Join(dir, "some.so")
	if err := os.WriteFile(some, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(Variable, some)
	if lib, err := Find(t.Context(), ""); err != nil || lib.Path != some || lib.From != "$"+Variable {
		t.Errorf("%+v %v", lib, err)
	}
	_, err := Find(t.Context(), filepath.Join(dir, "other.so"))
	if e, ok := errors.AsType[*model.Error](err); !ok || !e.Missing || errors.Is(err, ErrNoLibrary) || !strings.Contains(e.Message, "other.so (as named), which cannot be opened: no such file") {
		t.Errorf("got %v", err)
	}
}

// TestFindInPython: the library of Python's package is found, and no module of the
// working directory is taken for it.
func TestFindInPython(t *testing.T) {
	t.Setenv("NOWORSE_PYTHON", oracle.Python(t))
	t.Chdir(t.TempDir())
	if err := errors.Join(os.Mkdir("onnxruntime", 0o700), os.WriteFile("onnxruntime/__init__.py", nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	dir := pythons(t.Context())
	lib, _ := in(dir, "of Python")
	if !filepath.IsAbs(dir) || lib.Path == "" {
		t.Fatalf("looked in %q, found %+v", dir, lib)
	}
	for _, python := range []string{"/no/such/python", "false"} {
		t.Setenv("NOWORSE_PYTHON", python)
		if dir := pythons(t.Context()); dir != "" {
			t.Errorf("%s: %s", python, dir)
		}
	}
}

func TestNotFound(t *testing.T) {
	t.Setenv(Variable, "")
	t.Setenv("NOWORSE_PYTHON", "/no/such/python")
	lib, err := Find(t.Context(), "")
	if err == nil {
		t.Skipf("this machine has ONNX Runtime in a usual place: %s", lib.Path)
	}
	e, ok := errors.AsType[*model.Error](err)
	if !errors.Is(err, ErrNoLibrary) || !ok || !strings.Contains(e.Hint, "pip install") {
		t.Errorf("got %v", err)
	}
}

// TestOneLibrary: a process has one, and says so when another is wanted.
func TestOneLibrary(t *testing.T) {
	o := Options{Path: write(t, logistic.Model()), Task: model.Binary}
	open(t, o)
	o.Library = loaded.Path
	open(t, o)
	b, err := os.ReadFile(loaded.Path)
	if err != nil {
		t.Fatal(err)
	}
	o.Library = write(t, b)
	failure(t, o, nil, "this run has loaded that of", "name the same for all models")
}

// TestBesideTheProgram: a library there is found first; one that cannot be loaded is
// passed over for Python's.
func TestBesideTheProgram(t *testing.T) {
	python := oracle.Python(t)
	oracle.NeedONNXRuntime(t)
	good, err := os.ReadFile(os.Getenv(Variable))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		library      []byte
		python, want string
	}{
		"good":            {good, "/no/such/python", "<nil>\n"},
		"broken":          {[]byte("no library"), python, "<nil>\n"},
		"broken and none": {[]byte("no library"), "/no/such/python", "libonnxruntime.so (in "},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			program, err := os.ReadFile(os.Args[0])
			if err := errors.Join(err, os.WriteFile(filepath.Join(dir, "program"), program, 0o700), os.WriteFile(filepath.Join(dir, "libonnxruntime.so"), c.library, 0o600)); err != nil {
				t.Fatal(err)
			}
			child := exec.Command(filepath.Join(dir, "program"))
			child.Env = append(os.Environ(), "ONNX_CHILD="+write(t, logistic.Model()), Variable+"=", "NOWORSE_PYTHON="+c.python)
			out, err := child.CombinedOutput()
			if err != nil || !strings.Contains(string(out), c.want) {
				t.Errorf("%v %s, want %s", err, out, c.want)
			}
		})
	}
}

// TestNothingIsTold: ONNX Runtime leaves no trace in the temporary directory, as it
// does where it reports to its makers.
func TestNothingIsTold(t *testing.T) {
	oracle.NeedONNXRuntime(t)
	dir := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = []string{"ONNX_CHILD=" + write(t, logistic.Model()), Variable + "=" + os.Getenv(Variable), "TMPDIR=" + dir, "HOME=" + dir, "CI="}
	out, err := child.CombinedOutput()
	if err != nil || string(out) != "<nil>\n" {
		t.Errorf("%v %s", err, out)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left %v %v", left, err)
	}
}

// TestNoLibraryAtAll: what cannot be loaded is told by its path. Another process
// tries, for a library stays loaded.
func TestNoLibraryAtAll(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("libraries have other errors there")
	}
	bad, self := write(t, []byte("no library")), write(t, logistic.Model())
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "ONNX_CHILD="+self, Variable+"="+bad)
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), bad+" ($"+Variable+") cannot be loaded as ONNX Runtime\n") {
		t.Errorf("%v %s", err, out)
	}
	if err := (Library{Path: bad}).refused(errors.New("Error setting ORT API base: 2")); !errors.Is(err, ErrNoLibrary) || !strings.Contains(err.Error(), "is older than ONNX Runtime 1.24") {
		t.Errorf("got %v", err)
	}
}
