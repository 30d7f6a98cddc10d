package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/internal/onnxfile"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/model/onnx"
	"github.com/noworse/noworse/model/wire"
)

// TestModelApart: the program serves a model to itself, and says how much memory
// that took.
func TestModelApart(t *testing.T) {
	oracle.NeedONNXRuntime(t)
	path := filepath.Join(t.TempDir(), "m.onnx")
	l := onnxfile.Logistic{Weights: [][]float32{{4}}, Intercepts: []float32{-2}, Classes: []string{"no", "yes"}}
	if err := os.WriteFile(path, l.Model(), 0o600); err != nil {
		t.Fatal(err)
	}
	noworse, err := exec.LookPath("noworse") // TestMain's
	if err != nil {
		t.Fatal(err)
	}
	m, err := onnx.OpenApart(t.Context(), onnx.Options{Path: path, Task: model.Binary}, wire.Command{Path: noworse, Args: []string{"__model"}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	a, err := m.Predict(t.Context(), &model.Frame{Rows: 2, Columns: []model.Column{{Name: "x", Kind: dataset.Float, Floats: []float64{0, 1}}}})
	if err != nil || strings.Join(a.Labels, " ") != "no yes" {
		t.Fatalf("%+v %v", a, err)
	}
	used, err := m.Memory(t.Context())
	if err != nil || used.Loaded < 10<<20 || used.Peak < used.Loaded || used.Peak > 4<<30 {
		t.Errorf("%+v %v", used, err)
	}
}
