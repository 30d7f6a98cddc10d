// Command calibrate holds what noworse promises of chance to simulated releases,
// in which the truth is known:
//
//	world ─▶ rows in memory (a dataset.Source) ─▶ gate.Check, gate.Power ─▶ result ─▶ shares
//
// The rows go the way that those of a file go: scan, summary, metric, evidence,
// verdict, result. Nothing is computed here but the rows and what is true of them.
//
//   - releases.go: how often a candidate that is as good as the baseline fails;
//   - drops.go: how often one that is worse in a slice does, and what power foresaw;
//   - coverage.go: how often intervals hold the true value.
//
// It writes docs/calibration.md and docs/calibration.json. The same seed gives the
// same numbers on any number of cores.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/noworse/noworse/internal/wholefile"
)

// alpha is the default of `decision: {alpha: …}`.
const alpha = .05

// Calibration is all that was found.
type Calibration struct {
	Version  string     `json:"version"`
	Date     string     `json:"date"`
	Seed     uint64     `json:"seed"`
	Runs     int        `json:"runs"` // of each case
	Alpha    float64    `json:"alpha"`
	Releases []Releases `json:"releases"`
	Drops    []Drop     `json:"drops"`
	Coverage []Coverage `json:"coverage"`
	// Later is what was simulated by itself, after the rest.
	Later []Later `json:"later,omitempty"`
}

// Later is some metrics and checks, and the version that they are of.
type Later struct {
	Only    []string `json:"only"`
	Version string   `json:"version"`
	Date    string   `json:"date"`
}

// into puts what was found into what is kept, in the place of what is of the same
// metrics and checks.
func (c *Calibration) into(path string, s simulation) (*Calibration, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var kept Calibration
	if err := json.Unmarshal(text, &kept); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if kept.Seed != c.Seed || kept.Runs != c.Runs {
		return nil, fmt.Errorf("%s has %d runs by seed %d: simulate as many, or everything", path, kept.Runs, kept.Seed)
	}
	kept.Releases = append(slices.DeleteFunc(kept.Releases, func(r Releases) bool { return s.asked(r.Checks) }), c.Releases...)
	kept.Drops = append(slices.DeleteFunc(kept.Drops, func(d Drop) bool { return s.asked(d.Metric) }), c.Drops...)
	kept.Coverage = append(slices.DeleteFunc(kept.Coverage, func(one Coverage) bool { return s.asked(one.Metric) }), c.Coverage...)
	for i := range kept.Later {
		kept.Later[i].Only = slices.DeleteFunc(kept.Later[i].Only, s.asked)
	}
	kept.Later = append(slices.DeleteFunc(kept.Later, func(l Later) bool { return len(l.Only) == 0 }), Later{s.only, c.Version, c.Date})
	return &kept, nil
}

func main() {
	seed := flag.Uint64("seed", 1, "what the rows follow from")
	runs := flag.Int("runs", 1000, "releases of each case")
	docs := flag.String("docs", "docs", "where the two files are written")
	version := flag.String("version", "dev", "of noworse")
	only := flag.String("only", "", "metrics and checks, with commas between them; the other numbers stay as they are")
	flag.Parse()
	s := simulation{seed: *seed, runs: *runs}
	if *only != "" {
		s.only = strings.Split(*only, ",")
	}
	if err := run(s, *docs, *version); err != nil {
		fmt.Fprintln(os.Stderr, "calibrate:", err)
		os.Exit(1)
	}
}

func run(s simulation, docs, version string) error {
	c, err := calibrate(s)
	if err != nil {
		return err
	}
	c.Version, c.Date = version, time.Now().UTC().Format(time.DateOnly)
	if len(s.only) > 0 {
		if c, err = c.into(filepath.Join(docs, "calibration.json"), s); err != nil {
			return err
		}
	}
	encoded, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		return err
	}
	page := c.page()
	fmt.Print(page)
	for name, content := range map[string][]byte{"calibration.json": append(encoded, '\n'), "calibration.md": []byte(page)} {
		path := filepath.Join(docs, name)
		err = errors.Join(err, wholefile.Write(path, "."+name+".", func(w io.Writer) error { _, err := bytes.NewReader(content).WriteTo(w); return err }))
	}
	return errors.Join(err, c.broken())
}

// calibrate runs all cases.
func calibrate(s simulation) (*Calibration, error) {
	c := &Calibration{Seed: s.seed, Runs: s.runs, Alpha: alpha}
	var err error
	tell := func(what string) { fmt.Fprintln(os.Stderr, time.Now().Format(time.TimeOnly), what) }
	tell("releases of models that are equally good")
	if c.Releases, err = s.releases([]int{300, 1000, 3000, 10_000, 30_000}); err != nil {
		return nil, err
	}
	tell("drops of twice the margin")
	if c.Drops, err = s.drops(1000); err != nil {
		return nil, err
	}
	tell("coverage of intervals")
	if c.Coverage, err = s.coverage(3000); err != nil {
		return nil, err
	}
	tell("done")
	c.round()
	return c, nil
}

// round keeps four digits: the rest is noise.
func (c *Calibration) round() {
	four := func(x *float64) { *x = math.Round(*x*1e4) / 1e4 }
	for i := range c.Releases {
		four(&c.Releases[i].Failed)
		four(&c.Releases[i].Red)
	}
	for i := range c.Drops {
		four(&c.Drops[i].Foreseen)
		four(&c.Drops[i].Caught)
	}
	for i := range c.Coverage {
		four(&c.Coverage[i].Covered)
	}
}

// broken is the error of a promise that does not hold: false alarms more often
// than alpha says, by a rule that rests on chance.
func (c *Calibration) broken() error {
	var all []error
	for _, r := range c.Releases {
		if r.Rule != "point" && tooOften(r.Failed, c.Alpha, r.Releases) {
			all = append(all, fmt.Errorf("%s, %d rows, by %s: %.4f of equally good releases fail", r.Checks, r.Rows, r.Rule, r.Failed))
		}
	}
	return errors.Join(all...)
}
