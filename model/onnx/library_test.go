package onnx

import (
	"errors"
	"os"
	"testing"
)

// needLibrary skips a test where ONNX Runtime is not on the machine, unless it has
// to be: make installs it.
func needLibrary(t testing.TB, err error) {
	t.Helper()
	if !errors.Is(err, ErrNoLibrary) {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%v\nmake test installs it", err)
	}
	t.Skipf("not run: %v; make test installs it", err)
}
