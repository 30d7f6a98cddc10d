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
	"time"

	"github.com/noworse/noworse/bench"
	"github.com/noworse/noworse/internal/gatetest"
	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/model/onnx"
)

// What `latency: {}` asks.
const (
	equalBatch = 100
	equalRise  = 0.10
	equalFloor = 0.0002 // seconds
	equalAlpha = 0.05
	equalUsual = 5                      // checks of each kind, where nobody asks for more
	equalRun   = 100 * time.Millisecond // a fifth of the usual run, for many checks in a short time
)

// equalChecks are on a machine as it is, and on one with load.
func equalChecks(dir string, checks int) error {
	return errors.Join(equalModels(dir, checks, false), equalModels(dir, checks, true))
}

// equalModels times two models that are one, so many times as a check of latency does,
// and counts how that comes out. 95 of 100 are to pass, on a noisy machine too: with
// load, half of its cores are kept busy in spells.
func equalModels(dir string, checks int, load bool) error {
	if lib := oracle.ONNXRuntime(); lib != "" {
		os.Setenv(onnx.Variable, lib)
	}
	path := filepath.Join(dir, "equal.onnx")
	if err := os.WriteFile(path, gatetest.Forest(100, 8, onnxFeatures).Model(), 0o644); err != nil {
		return err
	}
	var models [2]model.Predictor
	for i := range models {
		p, err := onnx.Open(context.Background(), onnx.Options{Path: path, Task: model.Binary})
		if errors.Is(err, onnx.ErrNoLibrary) {
			fmt.Fprintln(os.Stderr, "no ONNX Runtime to measure: `make test` installs it")
			return nil
		}
		if err != nil {
			return err
		}
		defer p.Close()
		models[i] = p
	}
	beside := "nothing made busy on purpose"
	if load {
		stop, err := disturb(max(1, runtime.GOMAXPROCS(0)/2))
		if err != nil {
			return err
		}
		defer stop()
		beside = "half of the cores kept busy in spells, on purpose"
	}
	counts, small, took, began := map[bench.Outcome]int{}, 0, []float64{}, time.Now()
	for range checks {
		d, err := equalCheck(models[0], models[1])
		if err != nil {
			return err
		}
		counts[d.Outcome]++
		if d.WithinFloor {
			small++
		}
		took = append(took, d.Baseline*1e3)
	}
	slices.Sort(took)
	_, err := fmt.Printf("\nTwo equal models, %d checks of p95 at %d rows a call by the limit of 10%% with the floor of %g ms, runs of %v; %s\n\n  %d passed (%d of them by the floor; the median p95 is %.2f ms), %d failed, %d too noisy to tell, in %.0f s\n",
		checks, equalBatch, equalFloor*1e3, equalRun, beside, counts[bench.Pass], small, took[len(took)/2], counts[bench.Fail], counts[bench.CannotSay], time.Since(began).Seconds())
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
	_, err := bench.Latency(context.Background(), candidate, baseline, frames, bench.Plan{Time: equalRun}, func(pairs []bench.Pair, looks int) bool {
		var b, c []float64
		for _, p := range pairs {
			b, c = append(b, p.Baseline.P95), append(c, p.Candidate.P95)
		}
		d, err := bench.Judge(b, c, bench.Limit{Rise: equalRise, Floor: equalFloor, Alpha: equalAlpha}, looks)
		last, failed = d, err
		return err != nil || d.Outcome != bench.CannotSay
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
