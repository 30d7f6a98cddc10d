// Command benchmark measures the gate against the cost of reading its files, in
// one run on one machine:
//
//   - the scan: DuckDB's own sum over every numeric column of the file, with as
//     many threads and a warm cache; every ratio is to this;
//   - the gate with counts, with losses, with exact areas under the ROC curve, and
//     with every metric, each with 100 slices by column and 20 named ones; the last
//     two by the point rule and by evidence (the paired test of DeLong);
//   - scikit-learn's metrics of the whole set, without slices, for comparison.
//
// Then evidence for ten metrics in 1,000 slices against the same check by the point
// rule. Then drift between two tables, against the scan of both. Then models that run are measured against what they run on. Last, two equal
// models and a slower one are timed as a check of latency does, again and again.
//
// Commands take turns, each in a process of its own, so that a machine whose
// speed drifts slows them all; the table has medians of the ratios of each round.
// Ratios of processor time are beside those of wall time: where other programs
// want the same cores, they say more.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

func main() {
	rows := flag.Int("rows", 10_000_000, "rows of the generated set")
	rounds := flag.Int("rounds", 3, "rounds; the first is preceded by one that is not counted")
	dir := flag.String("dir", filepath.Join(".cache", "bench"), "where generated files are kept")
	scan := flag.String("scan", "", "only sum the columns of this file: what the other rows are compared with")
	models := flag.Bool("models", false, "only measure models that run")
	evidence := flag.Bool("evidence", false, "only measure evidence in many slices")
	equal := flag.Int("equal", 0, "only time two equal models, and a slower one, in so many checks of latency each, without load and with it")
	drift := flag.Bool("drift", false, "only measure drift")
	sum := flag.Int("sum", 0, "only sum so many numeric columns of the tables that are named: what drift is compared with")
	load := flag.Bool("busy", false, "only keep a core busy in spells, until standard input ends: the load of -equal")
	flag.Parse()
	var err error
	switch {
	case *load:
		busy()
	case *scan != "":
		err = sumColumns(*scan)
	case *sum > 0:
		err = sumOf(flag.Args(), *sum)
	case *rounds < 1:
		err = fmt.Errorf("-rounds %d: at least one is needed", *rounds)
	case *equal > 0:
		err = errors.Join(os.MkdirAll(*dir, 0o755), equalChecks(*dir, *equal))
	case *drift:
		err = errors.Join(os.MkdirAll(*dir, 0o755), drifts(*dir, *rows, *rounds))
	case *evidence:
		err = errors.Join(os.MkdirAll(*dir, 0o755), manySlices(*dir, *rounds))
	case *models:
		err = errors.Join(os.MkdirAll(*dir, 0o755), onnxModels(*dir), pythonModels(*dir), equalChecks(*dir, equalUsual))
	default:
		err = errors.Join(run(*dir, *rows, *rounds), manySlices(*dir, *rounds), drifts(*dir, *rows, *rounds), onnxModels(*dir), pythonModels(*dir), equalChecks(*dir, equalUsual))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchmark:", err)
		os.Exit(1)
	}
}

// contender is one command of the comparison.
type contender struct {
	name string
	args []string
	code int // the exit code of a good run
	wall []float64
	cpu  []float64 // seconds of all threads, in the program and for it in the kernel
	peak int64     // bytes
}

func run(dir string, rows, rounds int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	data, err := generate(dir, rows)
	if err != nil {
		return err
	}
	contenders, err := prepare(dir, data)
	if err != nil {
		return err
	}
	for round := range rounds + 1 {
		for _, c := range contenders {
			fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", round, rounds, c.name)
			if err := c.time(round > 0); err != nil {
				return err
			}
		}
	}
	return table(contenders, rows)
}

func prepare(dir, data string) ([]*contender, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	binary, err := build(dir)
	if err != nil {
		return nil, err
	}
	list := []*contender{{name: "scan", args: []string{self, "-scan", data}}}
	for _, s := range specs(data) {
		path := filepath.Join(dir, s.name+".yaml")
		if err := os.WriteFile(path, []byte(s.text), 0o644); err != nil {
			return nil, err
		}
		list = append(list, &contender{name: s.title, args: []string{binary, "check", "--quiet", path}})
	}
	python := os.Getenv("NOWORSE_PYTHON")
	if python == "" {
		python = filepath.Join(".venv", "bin", "python")
	}
	if _, err := os.Stat(python); err != nil {
		fmt.Fprintln(os.Stderr, "no scikit-learn to compare with: `make test` installs it")
		return list, nil
	}
	return append(list, &contender{name: "scikit-learn, whole set only", args: []string{python, "-c", scikitLearn, data}}), nil
}

// build makes the command that is measured.
func build(dir string) (string, error) {
	binary := filepath.Join(dir, "noworse")
	if out, err := exec.Command("go", "build", "-o", binary, "./cmd/noworse").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
}

// scikitLearn works out the same metrics of the whole set.
const scikitLearn = `
import sys
import pandas, sklearn.metrics as m
d = pandas.read_parquet(sys.argv[1], columns=["label", "score_a", "score_b"])
for s in (d.score_a, d.score_b):
    p = s >= 0.5
    m.accuracy_score(d.label, p), m.f1_score(d.label, p, average="weighted"), m.roc_auc_score(d.label, s)
    m.log_loss(d.label, s), m.brier_score_loss(d.label, s)
`

func (c *contender) time(counted bool) error {
	cmd := exec.Command(c.args[0], c.args[1:]...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	started := time.Now()
	err := cmd.Run()
	wall := time.Since(started).Seconds()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == c.code {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", c.name, err, &stderr)
	}
	if counted {
		c.wall = append(c.wall, wall)
		c.cpu = append(c.cpu, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
		c.peak = max(c.peak, peakOf(cmd.ProcessState))
	}
	return nil
}

// peakOf is the most memory that a finished process held.
func peakOf(s *os.ProcessState) int64 {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) << 10
}

func table(contenders []*contender, rows int) error {
	scan := contenders[0]
	fmt.Printf("%d rows, %d threads; times as a multiple of the scan of the same file in the same round\n\n", rows, runtime.GOMAXPROCS(0))
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tmedian\tleast\tmost\tprocessor time\tpeak memory\t")
	for _, c := range contenders {
		wall, cpu := ratios(c.wall, scan.wall), ratios(c.cpu, scan.cpu)
		fmt.Fprintf(t, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%d MB\t\n", c.name, wall[len(wall)/2], wall[0], wall[len(wall)-1], cpu[len(cpu)/2], c.peak>>20)
	}
	return t.Flush()
}

// ratios are those of each round, in order.
func ratios(of, to []float64) []float64 {
	list := make([]float64, len(of))
	for i, x := range of {
		list[i] = x / to[i]
	}
	slices.Sort(list)
	return list
}
