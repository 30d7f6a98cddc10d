// Package result is the outcome of a run: one ordered value, from which every
// report and the exit code derive. Its JSON is a contract with other tools: it
// is versioned and only grows. Numbers that do not exist are absent.
package result

import (
	"encoding/json"
	"fmt"
)

// Schema is the version of the JSON.
const Schema = 1

// Verdict is how a check, or the whole run, came out.
type Verdict string

// The verdicts. A run is pass, fail, inconclusive or error.
const (
	Pass         Verdict = "pass"
	Fail         Verdict = "fail"
	Inconclusive Verdict = "inconclusive"
	Skipped      Verdict = "skipped"
	Error        Verdict = "error"
)

// Result is the outcome of a run. Checks are in the order of the spec: the
// whole set first, then named slices, then slices by column by name.
type Result struct {
	Schema  int     `json:"schema"`
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	Exit    int     `json:"exit"`
	Summary string  `json:"summary"` // the outcome in one sentence
	Started string  `json:"started"` // RFC 3339, UTC
	Seconds float64 `json:"seconds"`
	Tool    Tool    `json:"tool"`
	Spec    File    `json:"spec"`
	Task    string  `json:"task"`
	Only    string  `json:"only,omitempty"` // the pattern of the checks that were run; absent: all
	// Notes are sentences on what was compared, where that is not what one expects.
	Notes     []string `json:"notes,omitempty"`
	Data      Data     `json:"data"`
	Candidate *Model   `json:"candidate,omitempty"`
	Store     string   `json:"store,omitempty"` // the directory of accepted baselines, where the spec names one
	Baseline  *Model   `json:"baseline,omitempty"`
	// Anchor is the accepted baseline that changes add up since; absent: none.
	Anchor *Model  `json:"anchor,omitempty"`
	Flips  *Flips  `json:"flips,omitempty"` // over the whole set
	Counts Counts  `json:"counts"`
	Checks []Check `json:"checks"`
}

// Tool is the program that made the result.
type Tool struct {
	Version string `json:"version"`
}

// File is a file that was read.
type File struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// Data is the data sets that were read.
type Data struct {
	Eval Eval `json:"eval,omitzero"`
	// The tables that drift compares; absent: none were.
	Reference *Table `json:"reference,omitempty"`
	Current   *Table `json:"current,omitempty"`
}

// Table is a data set beside the evaluation set, or that set itself.
type Table struct {
	Path string `json:"path"`
	Rows uint64 `json:"rows"`
}

// Eval is the evaluation set.
type Eval struct {
	Rows        uint64   `json:"rows"`
	Unlabelled  uint64   `json:"unlabelled,omitempty"` // rows left out because they have no label
	Version     string   `json:"version,omitempty"`
	Fingerprint string   `json:"fingerprint"`
	Changes     *Changes `json:"changes,omitempty"` // since the baseline was accepted, where rows are paired with it
}

// Changes counts rows of the evaluation set against those that a stored
// baseline was accepted on.
type Changes struct {
	Shared     uint64 `json:"shared"`
	Added      uint64 `json:"added"`
	Removed    uint64 `json:"removed"`
	Relabelled uint64 `json:"relabelled"` // of the shared ones
	Identical  bool   `json:"identical"`  // no value of any column has changed either
}

// Model is one of the two models.
type Model struct {
	Form        string `json:"form"`
	Path        string `json:"path,omitempty"`  // "": its answers are columns of the evaluation set
	Label       string `json:"label,omitempty"` // the column of its labels
	Score       string `json:"score,omitempty"` // the column of its scores
	Fingerprint string `json:"fingerprint"`
	// Of a model that ran: a digest of the model itself, where that is known; what
	// it was given, and what it ran on; the size of its files, and how long it took
	// to load.
	Model       string    `json:"model,omitempty"`
	Features    []string  `json:"features,omitempty"`
	Versions    []Version `json:"versions,omitempty"`
	Size        int64     `json:"size,omitempty"`
	LoadSeconds float64   `json:"load_seconds,omitempty"`
	// Of a baseline that was accepted into a store: when, its number there, and
	// its checksum.
	Accepted string `json:"accepted,omitempty"`
	Number   int    `json:"number,omitempty"`
	Checksum string `json:"checksum,omitempty"`
}

// Version is one thing that a model ran on: a runtime, an interpreter, a package.
type Version struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Example is one row.
type Example struct {
	ID        string `json:"id"`
	Label     string `json:"label"`
	Baseline  Answer `json:"baseline"`
	Candidate Answer `json:"candidate"`
}

// Answer is what a model said of a row.
type Answer struct {
	Label string   `json:"label"`
	Score *float64 `json:"score,omitempty"`
}

// Counts is the number of checks by verdict.
type Counts struct {
	Pass         int `json:"pass"`
	Fail         int `json:"fail"`
	Inconclusive int `json:"inconclusive"`
	Skipped      int `json:"skipped"`
	Error        int `json:"error"`
}

// Check is one thing decided.
type Check struct {
	ID        string   `json:"id"`
	Kind      string   `json:"kind"`
	Metric    string   `json:"metric,omitempty"`
	Name      string   `json:"name,omitempty"` // the rule's name in the spec, where it is not the metric's
	Params    *Params  `json:"params,omitempty"`
	By        []string `json:"by,omitempty"` // the columns whose slices a gap is between
	Slice     string   `json:"slice"`        // "": the whole set
	Severity  string   `json:"severity"`
	Rows      *uint64  `json:"rows,omitempty"`
	Baseline  *float64 `json:"baseline,omitempty"`
	Candidate *float64 `json:"candidate,omitempty"`
	Change    *float64 `json:"change,omitempty"` // candidate minus baseline
	// Anchor is of a limit of the change: the same since the anchor, where that is
	// another baseline. Of max_total_drop and its like, Baseline is the anchor.
	Anchor *Cumulative `json:"anchor,omitempty"`
	// Interval is where the true change lies, or for min and max the candidate's
	// true value, with a chance of Confidence.
	Interval   *[2]float64 `json:"interval,omitempty"`
	Confidence float64     `json:"confidence,omitempty"`
	Rule       Rule        `json:"rule"`
	Evidence   *Evidence   `json:"evidence,omitempty"`
	Verdict    Verdict     `json:"verdict"`
	// OnInconclusive is "warn" where an inconclusive verdict only warns, whatever
	// the severity.
	OnInconclusive string  `json:"on_inconclusive,omitempty"`
	Reason         string  `json:"reason"`
	Proven         *bool   `json:"proven,omitempty"`      // of a pass by evidence: chance does not explain that the limit is kept
	RowsNeeded     uint64  `json:"rows_needed,omitempty"` // about so many would prove the limit kept, were nothing worse
	Details        Details `json:"details"`
}

// Params are the parameters of the metric; those that it does not take are absent.
type Params struct {
	Above      *float64 `json:"above,omitempty"`
	Beta       float64  `json:"beta,omitempty"`
	Bins       int      `json:"bins,omitempty"`
	Class      string   `json:"class,omitempty"`
	Confidence string   `json:"confidence,omitempty"`
	Cost       string   `json:"cost,omitempty"` // what rows are worth, by outcome
	K          int      `json:"k,omitempty"`
	Quantile   float64  `json:"quantile,omitempty"`
	SQL        string   `json:"sql,omitempty"` // of a metric that the spec brings
}

// Rule is the one limit that the check holds the metric to.
type Rule struct {
	MaxDrop   *Margin  `json:"max_drop,omitempty"`
	MaxRise   *Margin  `json:"max_rise,omitempty"`
	MaxChange *Margin  `json:"max_change,omitempty"`
	MaxGap    *float64 `json:"max_gap,omitempty"`
	PassRate  *float64 `json:"pass_rate,omitempty"`
	Min       *float64 `json:"min,omitempty"`
	Max       *float64 `json:"max,omitempty"`
	// Since the anchor.
	MaxTotalDrop   *Margin `json:"max_total_drop,omitempty"`
	MaxTotalRise   *Margin `json:"max_total_rise,omitempty"`
	MaxTotalChange *Margin `json:"max_total_change,omitempty"`
	// Limit is the value that the candidate's must not pass; for max_change
	// LimitHigh is the upper one.
	Limit     *float64 `json:"limit,omitempty"`
	LimitHigh *float64 `json:"limit_high,omitempty"`
	At        string   `json:"at,omitempty"` // file:line of the rule in the spec
}

// Cumulative is the anchor's value, and candidate minus anchor.
type Cumulative struct {
	Baseline *float64 `json:"baseline,omitempty"`
	Change   *float64 `json:"change,omitempty"`
}

// Margin is a tolerated change: a number, or a share of |baseline| such as "2%".
type Margin struct {
	Value    float64
	Relative bool
}

// MarshalJSON writes 0.02, or "2%".
func (m Margin) MarshalJSON() ([]byte, error) {
	if m.Relative {
		return json.Marshal(Percent(m.Value))
	}
	return json.Marshal(m.Value)
}

// Evidence says how the check was decided.
type Evidence struct {
	Method string `json:"method"` // "point": the values against the limit, as if there were no chance
	Paired bool   `json:"paired"`
	// Groups is how many groups of dependent rows there are, where data.eval.group
	// names them.
	Groups uint64 `json:"groups,omitempty"`
	// EffectiveRows is how many rows of one weight would tell as much, where rows
	// have weights (Kish).
	EffectiveRows float64 `json:"effective_rows,omitempty"`
	Family        string  `json:"family"` // whole, named or by
	// Chances of such rows, or more telling ones: if the candidate is no worse
	// (also adjusted for the Tests of its family, and held to Alpha), if it is
	// worse by no more than the margin, and if it is worse by at least the margin.
	PWorse    *float64 `json:"p_worse,omitempty"`
	PAdjusted *float64 `json:"p_adjusted,omitempty"`
	PBeyond   *float64 `json:"p_beyond,omitempty"` // where it is beyond the margin
	PMargin   *float64 `json:"p_margin,omitempty"` // where it is not
	Alpha     float64  `json:"alpha,omitempty"`
	Tests     int      `json:"tests,omitempty"`
	Worse     bool     `json:"worse,omitempty"` // chance does not explain that it is worse
	// TooFew says that no test could tell anything of so few rows, whatever the
	// models answered.
	TooFew bool `json:"too_few,omitempty"`
	// Bound is how far an estimate that was made from bins may be from the exact one.
	Bound *float64 `json:"bound,omitempty"`
}

// Details is what reports draw. It is bounded, whatever the rows.
type Details struct {
	Flips     *Flips    `json:"flips,omitempty"`      // inside the slice
	Gap       *Gap      `json:"gap,omitempty"`        // of the candidate
	GapBefore *Gap      `json:"gap_before,omitempty"` // of the baseline
	Behavior  *Behavior `json:"behavior,omitempty"`
	Bench     *Bench    `json:"bench,omitempty"`
	Parity    *Parity   `json:"parity,omitempty"`
	Drift     *Drift    `json:"drift,omitempty"`   // of one column
	Drifted   *Drifted  `json:"drifted,omitempty"` // of all
	Contract  *Contract `json:"contract,omitempty"`

	Apart      *Apart      `json:"apart,omitempty"`       // rows told apart by all columns
	Concept    *Concept    `json:"concept,omitempty"`     // the label, for the same features
	LabelShift *LabelShift `json:"label_shift,omitempty"` // by the predictions
	Windows    *Windows    `json:"windows,omitempty"`     // of time
}

// Gap is the two slices that are farthest apart.
type Gap struct {
	Slices int      `json:"slices"` // that were compared
	Best   GapSlice `json:"best"`
	Worst  GapSlice `json:"worst"`
}

// GapSlice is one of them.
type GapSlice struct {
	Slice string  `json:"slice"`
	Rows  uint64  `json:"rows"`
	Value float64 `json:"value"`
}

// Blocks says whether the check decides the exit code.
func (c *Check) Blocks() bool {
	return c.Severity == "block" && !(c.Verdict == Inconclusive && c.OnInconclusive == "warn")
}

// Encode writes the result as indented JSON, the same bytes for equal results.
func (r *Result) Encode() ([]byte, error) { return encode(r) }

// Finish counts the verdicts and derives the run's verdict and exit code from
// the checks that block: any fail is 1; else any error is 2; else any
// inconclusive, or none that passed, is 3; else 0. Where no check is of severity
// block, one that passed is enough.
func (r *Result) Finish() {
	r.Schema = Schema
	r.Counts = Counts{}
	all, blocking := map[Verdict]int{}, map[Verdict]int{}
	blockers := 0
	for _, c := range r.Checks {
		v := c.Verdict
		switch v {
		case Pass, Fail, Inconclusive, Skipped:
		default: // a verdict that is not known is never a pass
			v = Error
		}
		all[v]++
		if c.Blocks() {
			blocking[v]++
		}
		if c.Severity == "block" {
			blockers++
		}
	}
	r.Counts = Counts{Pass: all[Pass], Fail: all[Fail], Inconclusive: all[Inconclusive], Skipped: all[Skipped], Error: all[Error]}
	passed := blocking[Pass]
	if blockers == 0 {
		passed = all[Pass]
	}
	switch {
	case blocking[Fail] > 0:
		r.Verdict, r.Exit = Fail, 1
	case blocking[Error] > 0:
		r.Verdict, r.Exit = Error, 2
	case blocking[Inconclusive] > 0, passed == 0:
		r.Verdict, r.Exit = Inconclusive, 3
	default:
		r.Verdict, r.Exit = Pass, 0
	}
}

// Percent writes a share as a percentage: 0.025 is "2.5%".
func Percent(share float64) string {
	return fmt.Sprintf("%v%%", float64(int64(share*1e8+0.5))/1e6)
}
