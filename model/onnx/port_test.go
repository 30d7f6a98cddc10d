package onnx

import (
	"errors"
	"os"
	"testing"

	"github.com/noworse/noworse/internal/gatetest/modeltest"
	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/internal/onnxfile"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/model/wire"
)

// portModel is the suite's model of a task, with its columns by name or in one tensor.
func portModel(t *testing.T, task model.Task, inputs []string) Options {
	rows, intercepts, classes := modeltest.Weights(task)
	var w [][]float32
	var b []float32
	for i, row := range rows {
		w, b = append(w, []float32{float32(row[0]), float32(row[1])}), append(b, float32(intercepts[i]))
	}
	if task == model.Regression {
		return Options{Path: write(t, onnxfile.Linear{Inputs: inputs, Weights: w[0], Intercept: b[0]}.Model()), Task: task}
	}
	return Options{Path: write(t, onnxfile.Logistic{Inputs: inputs, Weights: w, Intercepts: b, Classes: classes}.Model()), Task: task, Classes: classes}
}

// TestPort: in this process, with columns by name and in one tensor; numbers are
// float32.
func TestPort(t *testing.T) {
	oracle.NeedONNXRuntime(t)
	for name, inputs := range map[string][]string{"by name": {"x", "k"}, "one tensor": nil} {
		t.Run(name, func(t *testing.T) {
			modeltest.Run(t, modeltest.Adapter{Tolerance: 2e-6, Open: func(t *testing.T, task model.Task) model.Predictor {
				p, err := Open(t.Context(), portModel(t, task, inputs))
				if err != nil {
					t.Fatal(err)
				}
				return p
			}})
		})
	}
}

// TestPortApart: in a process of its own, which answers the same and tells its
// memory.
func TestPortApart(t *testing.T) {
	oracle.NeedONNXRuntime(t)
	modeltest.Run(t, modeltest.Adapter{Tolerance: 2e-6, Open: func(t *testing.T, task model.Task) model.Predictor {
		m, err := OpenApart(t.Context(), portModel(t, task, []string{"x", "k"}), wire.Command{Path: os.Args[0]})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}})
}

// TestApartFails: what is wrong with a model is told as it is in this process.
func TestApartFails(t *testing.T) {
	oracle.NeedONNXRuntime(t)
	_, err := OpenApart(t.Context(), Options{Path: "no.onnx", Task: model.Binary}, wire.Command{Path: os.Args[0]})
	if e, ok := errors.AsType[*model.Error](err); !ok || !e.Missing || e.Gone || e.Message != "there is no file no.onnx" {
		t.Errorf("got %v", err)
	}
}
