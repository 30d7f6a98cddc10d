package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/noworse/noworse/bench"
	"github.com/noworse/noworse/internal/gatetest"
	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/internal/runqueue"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/model/onnx"
)

// What `latency: {}` asks.
const (
	equalBatch = 100
	equalRise  = 0.10
	equalFloor = 0.0002 // seconds
	equalAlpha = 0.05
	equalUsual = 5 // checks of each kind, where nobody asks for more
)

// Trees of the forests that are timed. The slower one works 30 % more.
const (
	equalTrees  = 100
	slowerTrees = 130
)

// equalChecks are of two equal models, and of one that is slower by 30 %, on a machine as
// it is and on one with load: there half of its cores are kept busy in spells. 95 of 100
// equal ones are to pass, and 95 of 100 slower ones to fail, with load too.
func equalChecks(dir string, checks int) error {
	if lib := oracle.ONNXRuntime(); lib != "" {
		os.Setenv(onnx.Variable, lib)
	}
	baseline, err := forestOf(dir, equalTrees)
	if errors.Is(err, onnx.ErrNoLibrary) {
		fmt.Fprintln(os.Stderr, "no ONNX Runtime to measure: `make test` installs it")
		return nil
	}
	if err != nil {
		return err
	}
	defer baseline.Close()
	fmt.Printf("\nOne model against another, %d checks each of p95 at %d rows a call, by the limit of 10%% with the floor of %g ms\n\n", checks, equalBatch, equalFloor*1e3)
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "load on purpose\tcandidate\tpassed\tby the floor\tfailed\ttoo noisy\twithout waiting\tmedian p95\tseconds\t")
	for _, load := range []bool{false, true} {
		for _, trees := range []int{equalTrees, slowerTrees} {
			if err := equalModels(t, dir, baseline, trees, checks, load); err != nil {
				return err
			}
		}
	}
	return t.Flush()
}

// forestOf is a model of so many trees.
func forestOf(dir string, trees int) (model.Predictor, error) {
	path := filepath.Join(dir, "equal.onnx")
	if err := os.WriteFile(path, gatetest.Forest(trees, 8, onnxFeatures).Model(), 0o644); err != nil {
		return nil, err
	}
	return onnx.Open(context.Background(), onnx.Options{Path: path, Task: model.Binary})
}

// equalModels times two models so many times as a check of latency does, and counts how
// that comes out.
func equalModels(t io.Writer, dir string, baseline model.Predictor, trees, checks int, load bool) error {
	candidate, err := forestOf(dir, trees)
	if err != nil {
		return err
	}
	defer candidate.Close()
	if load {
		stop, err := disturb(max(1, runtime.GOMAXPROCS(0)/2))
		if err != nil {
			return err
		}
		defer stop()
	}
	counts, small, net, took, began := map[bench.Outcome]int{}, 0, 0, []float64{}, time.Now()
	for range checks {
		d, err := equalCheck(candidate, baseline)
		if err != nil {
			return err
		}
		counts[d.Outcome]++
		if d.WithinFloor {
			small++
		}
		if d.Net {
			net++
		}
		took = append(took, d.Baseline*1e3)
	}
	slices.Sort(took)
	_, err = fmt.Fprintf(t, "%t\t%+d%%\t%d\t%d\t%d\t%d\t%d\t%.2f ms\t%.0f\t\n", load, trees-equalTrees, counts[bench.Pass], small, counts[bench.Fail], counts[bench.CannotSay], net, took[len(took)/2], time.Since(began).Seconds())
	return err
}

// equalCheck is one check of p95.
func equalCheck(candidate, baseline model.Predictor) (bench.Decision, error) {
	all, _ := onnxRows()
	var frames []*model.Frame
	for at := 0; at < all.Rows; at += equalBatch {
		pick := make([]int, equalBatch)
		for i := range pick {
			pick[i] = at + i
		}
		frames = append(frames, all.Take(pick))
	}
	var last bench.Decision
	var failed error
	_, err := bench.Latency(context.Background(), candidate, baseline, frames, bench.Plan{Queue: runqueue.Here}, func(pairs []bench.Pair, looks int) bool {
		last, failed = bench.JudgePairs(pairs, func(n bench.Numbers) float64 { return n.P95 }, bench.Limit{Rise: equalRise, Floor: equalFloor, Alpha: equalAlpha}, looks)
		return failed != nil || last.Outcome != bench.CannotSay
	})
	return last, errors.Join(err, failed)
}

// disturb has so many processes of their own keep a core busy in spells, until it is
// told to stop.
func disturb(processes int) (stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var all []*exec.Cmd
	stop = func() {
		for _, c := range all {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
	}
	for range processes {
		c := exec.Command(self, "-busy")
		// It ends with its standard input, so also where this process is killed.
		if _, err := c.StdinPipe(); err != nil {
			stop()
			return nil, err
		}
		if err := c.Start(); err != nil {
			stop()
			return nil, err
		}
		all = append(all, c)
	}
	return stop, nil
}

// busy keeps a core busy for 30 of every 50 milliseconds until its standard input ends.
func busy() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	for {
		for began := time.Now(); time.Since(began) < 30*time.Millisecond; {
			runtime.Gosched()
		}
		time.Sleep(20 * time.Millisecond)
	}
}
