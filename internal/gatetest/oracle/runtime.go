package oracle

import (
	"os"
	"path/filepath"
	"testing"
)

// ONNXRuntime is the shared library that ONNX models run on: the one that
// NOWORSE_ONNXRUNTIME names, else that of the Python which has scikit-learn; "" if
// there is none.
func ONNXRuntime() string {
	if lib := os.Getenv("NOWORSE_ONNXRUNTIME"); lib != "" {
		return lib
	}
	python := os.Getenv("NOWORSE_PYTHON")
	if python == "" {
		var err error
		if python, err = installed(); err != nil {
			return ""
		}
	}
	for _, name := range []string{"libonnxruntime.so.*", "libonnxruntime.*.dylib"} {
		found, _ := filepath.Glob(filepath.Join(filepath.Dir(python), "../lib/python*/site-packages/onnxruntime/capi", name))
		if len(found) > 0 {
			return found[0]
		}
	}
	return ""
}

// NeedONNXRuntime lets a test run on that library. Where there is none it is
// skipped, but on a CI machine it fails.
func NeedONNXRuntime(t testing.TB) {
	t.Helper()
	lib := ONNXRuntime()
	switch {
	case lib != "":
		t.Setenv("NOWORSE_ONNXRUNTIME", lib)
	case os.Getenv("CI") == "true":
		t.Fatal("NOT RUN: there is no ONNX Runtime; `make test` installs it")
	default:
		t.Skip("NOT RUN: there is no ONNX Runtime; `make test` installs it")
	}
}
