package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/model/python"
)

const (
	pythonRows     = 1_000_000
	pythonFeatures = 20
	pythonRounds   = 5
)

// echo answers its first column, but for two rows: how much processor time it has taken
// itself, and its process in all. So nothing but the answers has to be asked for.
const echo = `
import time

def first(frame):
    began = time.thread_time()
    out = frame["x0"].to_numpy(copy=True)
    out[1] = time.process_time()
    out[0] = time.thread_time() - began
    return out
`

// pythonModels measures what a row costs to be brought to a Python model, as a data
// frame, and its answer back, beside the model's own time.
func pythonModels(dir string) error {
	interpreter := os.Getenv("NOWORSE_PYTHON")
	if interpreter == "" {
		interpreter = filepath.Join(".venv", "bin", "python")
	}
	if _, err := os.Stat(interpreter); err != nil {
		fmt.Fprintln(os.Stderr, "no Python to measure: `make test` installs it")
		return nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "echo.py"), []byte(echo), 0o644); err != nil {
		return err
	}
	p, err := python.Open(context.Background(), python.Options{Call: "echo:first", Dir: dir, Interpreter: interpreter, Task: model.Regression})
	if err != nil {
		return err
	}
	defer p.Close()
	fmt.Printf("\nPython models, %d rows of %d numbers to a data frame and an answer for each back, beside the model's own time\n\n", pythonRows, pythonFeatures)
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "batch\trows/s of processor time\tleast\tmost\trows/s\t")
	for _, batch := range []int{1000, 8192, 65536} {
		if err := pythonRates(t, p, batch); err != nil {
			return err
		}
	}
	return t.Flush()
}

func pythonRates(t *tabwriter.Writer, p model.Predictor, batch int) error {
	frame := pythonFrame(batch)
	var cpu, wall []float64
	for round := range pythonRounds + 1 {
		w, c, err := pythonTurn(p, frame)
		if err != nil {
			return err
		}
		if round > 0 {
			cpu, wall = append(cpu, c), append(wall, w)
		}
	}
	slices.Sort(cpu)
	slices.Sort(wall)
	_, err := fmt.Fprintf(t, "%d\t%.0f\t%.0f\t%.0f\t%.0f\t\n", batch, cpu[len(cpu)/2], cpu[0], cpu[len(cpu)-1], wall[len(wall)/2])
	return err
}

// pythonTurn moves all rows once, and says how many in a second: of time, and of the
// processor time of both processes.
func pythonTurn(p model.Predictor, frame *model.Frame) (wall, cpu float64, err error) {
	ctx := context.Background()
	first, err := p.Predict(ctx, frame)
	if err != nil {
		return 0, 0, err
	}
	began, used := time.Now(), selfTime()
	calls := max(1, pythonRows/frame.Rows)
	var own, theirs float64
	for range calls {
		a, err := p.Predict(ctx, frame)
		if err != nil {
			return 0, 0, err
		}
		if a.Numbers[2] != frame.Columns[0].Floats[2] {
			return 0, 0, errors.New("the model answers something else")
		}
		own += a.Numbers[0]
		theirs = a.Numbers[1] - first.Numbers[1]
	}
	rows := float64(calls * frame.Rows)
	return rows / (time.Since(began).Seconds() - own), rows / ((selfTime() - used).Seconds() + theirs - own), nil
}

// selfTime is the processor time of this process.
func selfTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func pythonFrame(rows int) *model.Frame {
	r := rand.New(rand.NewPCG(20, 2000))
	f := &model.Frame{Rows: rows}
	for j := range pythonFeatures {
		c := model.Column{Name: fmt.Sprint("x", j), Kind: dataset.Float, Floats: make([]float64, rows)}
		for i := range c.Floats {
			c.Floats[i] = r.NormFloat64()
		}
		f.Columns = append(f.Columns, c)
	}
	return f
}
