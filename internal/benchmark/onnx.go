package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/internal/gatetest"
	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/internal/onnxfile"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/model/onnx"
)

const (
	onnxFeatures = 20
	onnxBatch    = 1000
	onnxRounds   = 31
	onnxAtLeast  = 20 * time.Millisecond // of each turn
)

// onnxModels measures what noworse adds to ONNX Runtime's own time: a frame of
// columns answered by model/onnx, against a bare run of the same session over a
// tensor that is ready. They take turns; each ratio is of one round, and of processor
// time. It is to be under 1.2 for the forest. The regression shows the least that a row costs: writing
// its 20 numbers in another order takes as long as multiplying them.
func onnxModels(dir string) error {
	if lib := oracle.ONNXRuntime(); lib != "" {
		os.Setenv(onnx.Variable, lib)
	}
	frame, tensor := onnxRows()
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Printf("\nONNX models, one thread, %d features, batches of %d rows; processor time as a multiple of ONNX Runtime's own\n\n", onnxFeatures, onnxBatch)
	fmt.Fprintln(t, "\tmedian\tleast\tmost\trows/s\t")
	for _, m := range []struct {
		name  string
		bytes []byte
	}{{"forest of 100 trees, 256 leaves each", gatetest.Forest(100, 8, onnxFeatures).Model()}, {"logistic regression", onnxLogistic().Model()}} {
		path := filepath.Join(dir, "model.onnx")
		if err := os.WriteFile(path, m.bytes, 0o644); err != nil {
			return err
		}
		ratios, rows, err := onnxRatios(path, frame, tensor)
		if errors.Is(err, onnx.ErrNoLibrary) {
			fmt.Fprintln(os.Stderr, "no ONNX Runtime to measure: `make test` installs it")
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Fprintf(t, "%s\t%.3f\t%.3f\t%.3f\t%.0f\t\n", m.name, ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1], rows)
	}
	return t.Flush()
}

// onnxRatios are those of each round, in order; rows is how many noworse answers in a
// second.
func onnxRatios(path string, frame *model.Frame, data []float32) (ratios []float64, rows float64, err error) {
	ctx := context.Background()
	p, err := onnx.Open(ctx, onnx.Options{Path: path, Task: model.Binary})
	if err != nil {
		return nil, 0, err
	}
	defer p.Close()
	bare, err := newBare(path, data)
	if err != nil {
		return nil, 0, err
	}
	defer bare.session.Destroy()
	var total time.Duration
	calls := 0
	for round := range onnxRounds + 1 {
		ours, n, err := turn(func() error { _, err := p.Predict(ctx, frame); return err })
		if err != nil {
			return nil, 0, err
		}
		theirs, m, err := turn(bare.run)
		if err != nil {
			return nil, 0, err
		}
		if round > 0 {
			ratios = append(ratios, ours.Seconds()/float64(n)/(theirs.Seconds()/float64(m)))
			total, calls = total+ours, calls+n
		}
	}
	slices.Sort(ratios)
	return ratios, float64(calls*onnxBatch) / total.Seconds(), nil
}

// turn does something for a while, and says how often in which processor time.
func turn(do func() error) (time.Duration, int, error) {
	began := selfTime()
	for n := 1; ; n++ {
		if err := do(); err != nil {
			return 0, 0, err
		}
		if took := selfTime() - began; took > onnxAtLeast {
			return took, n, nil
		}
	}
}

// bare is ONNX Runtime without noworse.
type bare struct {
	session *ort.DynamicAdvancedSession
	input   []ort.Value
	output  []ort.Value
}

func newBare(path string, data []float32) (*bare, error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	if err := errors.Join(options.SetIntraOpNumThreads(1), options.SetInterOpNumThreads(1)); err != nil {
		return nil, err
	}
	s, err := ort.NewDynamicAdvancedSession(path, []string{"features"}, []string{"label", "probabilities"}, options)
	if err != nil {
		return nil, err
	}
	in, err := ort.NewTensor(ort.NewShape(onnxBatch, onnxFeatures), data)
	return &bare{s, []ort.Value{in}, make([]ort.Value, 2)}, err
}

func (b *bare) run() error {
	err := b.session.Run(b.input, b.output)
	for i, v := range b.output {
		if v != nil {
			v.Destroy()
			b.output[i] = nil
		}
	}
	return err
}

// onnxRows are the same rows twice: as columns, and as the tensor they become.
func onnxRows() (*model.Frame, []float32) {
	r := rand.New(rand.NewPCG(20, 1000))
	f := &model.Frame{Rows: onnxBatch}
	data := make([]float32, onnxBatch*onnxFeatures)
	for j := range onnxFeatures {
		c := model.Column{Name: fmt.Sprint("x", j), Kind: dataset.Float, Floats: make([]float64, onnxBatch)}
		for i := range c.Floats {
			c.Floats[i] = r.NormFloat64()
			data[i*onnxFeatures+j] = float32(c.Floats[i])
		}
		f.Columns = append(f.Columns, c)
	}
	return f, data
}

func onnxLogistic() onnxfile.Logistic {
	l := onnxfile.Logistic{Weights: [][]float32{make([]float32, onnxFeatures)}, Intercepts: []float32{0.1}, Classes: []string{"0", "1"}}
	for j := range l.Weights[0] {
		l.Weights[0][j] = float32(j)*0.1 - 1
	}
	return l
}
