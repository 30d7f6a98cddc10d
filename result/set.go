package result

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Set is the outcome of several specs that were run one after another, in the
// order in which they were given.
type Set struct {
	Schema  int     `json:"schema"`
	Verdict Verdict `json:"verdict"`
	Exit    int     `json:"exit"`
	Runs    []Run   `json:"runs"`
}

// Run is one spec of a set: it has a result, or an error that says why not.
type Run struct {
	Spec   string  `json:"spec"` // its path
	Error  string  `json:"error,omitempty"`
	Result *Result `json:"result,omitempty"`
}

// Outcome is the run's verdict: a run that could not start is an error.
func (r Run) Outcome() Verdict {
	if r.Result == nil {
		return Error
	}
	return r.Result.Verdict
}

// exits are the verdicts of a set, the worst first, and their exit codes.
var exits = []struct {
	verdict Verdict
	exit    int
}{{Fail, 1}, {Error, 2}, {Inconclusive, 3}, {Pass, 0}}

// Finish derives the set's verdict and exit code: those of its worst run. A
// failed run comes before one that could not start, as a failed check comes
// before one that has no value.
func (s *Set) Finish() {
	s.Schema = Schema
	s.Verdict, s.Exit = Inconclusive, 3 // of no run nothing is known
	for _, e := range exits {
		if s.Count(e.verdict) > 0 {
			s.Verdict, s.Exit = e.verdict, e.exit
			return
		}
	}
}

// Count is the number of runs with a verdict.
func (s *Set) Count(v Verdict) int {
	n := 0
	for _, r := range s.Runs {
		if r.Outcome() == v {
			n++
		}
	}
	return n
}

// Encode writes the set as indented JSON, the same bytes for equal sets.
func (s *Set) Encode() ([]byte, error) { return encode(s) }

func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		return nil, fmt.Errorf("the result cannot be written as JSON: %w", err)
	}
	return b.Bytes(), nil
}

// IsSet says whether JSON is that of a set and not of a single result.
func IsSet(encoded []byte) bool {
	var head struct {
		Runs json.RawMessage `json:"runs"`
	}
	return json.Unmarshal(encoded, &head) == nil && head.Runs != nil
}

// DecodeSet reads what Set.Encode wrote, as strictly as Decode reads a result.
func DecodeSet(encoded []byte) (*Set, error) {
	if err := checkSchema(encoded); err != nil {
		return nil, err
	}
	s := new(Set)
	if err := json.Unmarshal(encoded, s); err != nil {
		return nil, notJSON(err)
	}
	if err := s.verify(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Set) verify() error {
	if len(s.Runs) == 0 {
		return errors.New("it has no runs")
	}
	for i, r := range s.Runs {
		if (r.Result == nil) == (r.Error == "") {
			return fmt.Errorf("runs[%d] must have a result or an error, and not both", i)
		}
		if r.Result == nil {
			continue
		}
		if r.Result.Schema != s.Schema {
			return fmt.Errorf("runs[%d] has schema %d, and the whole has %d", i, r.Result.Schema, s.Schema)
		}
		if err := r.Result.verify(); err != nil {
			return fmt.Errorf("runs[%d]: %w", i, err)
		}
	}
	derived := Set{Runs: s.Runs}
	derived.Finish()
	if s.Verdict != derived.Verdict || s.Exit != derived.Exit {
		return fmt.Errorf("it contradicts itself: its verdict is %q and its exit %d, and its runs make it %q and %d", s.Verdict, s.Exit, derived.Verdict, derived.Exit)
	}
	return nil
}
