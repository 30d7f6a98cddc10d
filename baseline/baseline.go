// Package baseline keeps the models that were accepted: a directory with one
// small file that says what the baseline is, its history, and the answers of
// the current one and of the anchor row by row.
//
//	accepted model ─▶ Store.Accept ─▶ baseline.json, history/0003-1a2b3c4d.json, rows/<sha256>.parquet
//	                  Store.Load   ◀─ the same, checked
//
// baseline.json is renamed into place last, under a lock, and only if it is
// still the one that the accepted model was judged against. So a crash leaves a
// whole baseline, the old or the new one, and of two accepts at once one wins.
package baseline

import "encoding/json"

// Schema is the version of the store.
const Schema = 1

// Baseline is one accepted model: where it came from, its values, and where its
// answers are.
type Baseline struct {
	Number   int    `json:"number"`   // of the entry in the history, from 1
	Accepted string `json:"accepted"` // RFC 3339, UTC
	By       string `json:"by,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Forced   bool   `json:"forced,omitempty"` // though the check did not pass
	Replaces string `json:"replaces,omitempty"`
	// Anchoring is there where this entry accepts nothing: it repeats the one
	// before, and sets or clears the anchor.
	Anchoring *Anchoring `json:"anchoring,omitempty"`
	Anchor    *Anchor    `json:"anchor,omitempty"` // nil: changes do not add up to anything
	Check     Check      `json:"check"`
	Checksum  string     `json:"-"` // of this baseline, as its file has it

	Tool    string   `json:"tool"` // version of noworse
	Spec    Spec     `json:"spec"`
	Name    string   `json:"name"`
	Task    string   `json:"task"`
	Data    Data     `json:"data"`
	Model   Model    `json:"model"`
	Classes []string `json:"classes,omitempty"` // in the order of their numbers; the second of two is the positive one
	Rows    Rows     `json:"rows"`
	// Reference is there where the spec looks for drift.
	Reference *Reference `json:"reference,omitempty"`
	Bench     *Bench     `json:"bench,omitempty"` // nil: neither times nor memory were measured
	Slices    []Slice    `json:"slices"`          // the whole set first
}

// Check is how the check came out that the model was accepted after.
type Check struct {
	Verdict string `json:"verdict"`
	Summary string `json:"summary"`
}

// Spec is the spec of that check.
type Spec struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// Data is the evaluation set of that check.
type Data struct {
	Rows        uint64 `json:"rows"`
	Unlabelled  uint64 `json:"unlabelled,omitempty"`
	Version     string `json:"version,omitempty"`
	Fingerprint string `json:"fingerprint"`
}

// Model is the accepted model.
type Model struct {
	Form        string   `json:"form"`
	Path        string   `json:"path,omitempty"`
	Label       string   `json:"label,omitempty"`
	Score       string   `json:"score,omitempty"`
	Threshold   *float64 `json:"threshold,omitempty"` // what its scores were compared with, where they gave the answer
	Fingerprint string   `json:"fingerprint"`
}

// Rows is the file with the answers row by row. Its columns are id or position,
// truth, and as the model has them label, score, score_0, score_1, … by class.
type Rows struct {
	File   string   `json:"file"` // in the directory for rows
	SHA256 string   `json:"sha256"`
	Bytes  int64    `json:"bytes"`
	ID     string   `json:"id,omitempty"`      // the name that the id had; "": rows go by position
	IDKind string   `json:"id_kind,omitempty"` // integer, text, …
	Order  *Order   `json:"order,omitempty"`   // where rows go by position
	Label  bool     `json:"label,omitempty"`   // there is a column label, and it is what counted
	Score  bool     `json:"score,omitempty"`
	Scores []string `json:"scores,omitempty"` // the class of score_0, score_1, …
}

// Order stands for rows in their order: only where it is the same do positions
// name the same rows.
type Order struct {
	Columns     []string `json:"columns"` // that it covers
	Fingerprint string   `json:"fingerprint"`
}

// Slice is the values on one slice: what a candidate is compared with where its
// rows cannot be paired.
type Slice struct {
	Name      string     `json:"name"` // "": the whole set
	Rows      uint64     `json:"rows"`
	Values    []Value    `json:"values"`
	Confusion [][]uint64 `json:"confusion,omitempty"` // rows by true class and answer, for at most MaxConfusion classes
}

// MaxConfusion is the most classes whose confusion counts are kept.
const MaxConfusion = 20

// Value is one metric's value. Key is the rule's name in the spec; a value
// belongs to a metric with its parameters, whatever the rule is called.
type Value struct {
	Key    string          `json:"key"`
	Metric string          `json:"metric"`
	Params json.RawMessage `json:"params,omitempty"`
	Value  float64         `json:"value"`
	Bound  float64         `json:"bound,omitempty"`
	// SE is the value's standard error as it stands alone, with DF degrees of freedom,
	// where it has one; DF 0: as many as one likes.
	SE float64 `json:"se,omitempty"`
	DF float64 `json:"df,omitempty"`
}

// Slice finds a slice by its name.
func (b *Baseline) Slice(name string) (Slice, bool) {
	for _, s := range b.Slices {
		if s.Name == name {
			return s, true
		}
	}
	return Slice{}, false
}
