package demo

import (
	"fmt"

	"github.com/noworse/noworse/internal/onnxfile"
)

// LiveSpec is the spec of the models that run.
const LiveSpec = "live.yaml"

// LiveFiles are the files of the project, with two models that run besides, as ONNX,
// and a spec that asks them. The new one has learned from age too: it is no worse,
// and does what a lender may not.
func LiveFiles() ([]File, error) {
	files, err := Files()
	if err != nil {
		return nil, err
	}
	text, err := written.ReadFile("files/" + LiveSpec)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	files = append(files, File{LiveSpec, text})
	// Logistic regressions of repaid on the applicants (scikit-learn 1.9.1), rounded.
	for _, m := range []struct {
		name      string
		inputs    []string
		weights   []float32
		intercept float32
	}{
		{"models/v41.onnx", []string{"credit_score", "requested_amount"}, []float32{0.018, -0.000045}, -10.12},
		{"models/v42.onnx", []string{"age", "credit_score", "requested_amount"}, []float32{0.0155, 0.0181, -0.0000453}, -10.87},
	} {
		l := onnxfile.Logistic{Inputs: m.inputs, Weights: [][]float32{m.weights}, Intercepts: []float32{m.intercept}, Classes: []string{"0", "1"}}
		files = append(files, File{m.name, l.Model()})
	}
	return files, nil
}
