package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/noworse/noworse/baseline"
	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// Stored is a baseline that was accepted before, and the file with its answers.
type Stored struct {
	*baseline.Baseline
	RowsPath string
	Profile  *profile.Profile // of the rows that drift compares with; nil: it keeps none
	Anchor   *Stored          // that every check also compares with; nil: there is none
	anchors  bool             // it is compared with as the anchor
}

// role is what the candidate is compared with, as messages call it.
func (b *Stored) role() string {
	if b != nil && b.anchors {
		return "anchor"
	}
	return "baseline"
}

// hint says how to go on where it cannot be compared with.
func (b *Stored) hint() string {
	if b != nil && b.anchors {
		return HintAnchor
	}
	return hintAnew
}

// BaselineError is the error of a stored baseline that the candidate cannot be
// compared with, though the candidate may be fine.
type BaselineError struct {
	Problems spec.Problems
	State    baseline.State // of the store, where its baseline cannot be read
}

func (e *BaselineError) Error() string { return e.Problems.Error() }
func (e *BaselineError) Unwrap() error { return e.Problems }

// atStore is the setting that problems of a stored baseline are shown at.
const atStore = "baseline.store"

const hintAnew = "to begin anew from the candidate: noworse baseline accept --force --reason '…'"

// again says how there come to be values that are not kept.
func (b *Stored) again() string {
	if b.anchors {
		return "noworse baseline anchor sets a new one"
	}
	return "accept the baseline again"
}

// HintAnchor is how to go on without the anchor of before.
const HintAnchor = "to begin anew from the baseline of now: noworse baseline anchor --reason '…'"

func baselineError(s *spec.Spec, message, hint string) error {
	return &BaselineError{Problems: spec.Problems{s.Problem(atStore, message, hint)}}
}

func (p *plan) baselineError(format string, args ...any) error {
	return baselineError(p.spec, fmt.Sprintf(format, args...), p.options.Stored.hint())
}

// Names of the columns of a file of rows.
const (
	rowID       = "id"
	rowPosition = "position"
	rowTruth    = "truth"
	rowLabel    = "label"
	rowScore    = "score"
)

func rowScoreOf(class int) string { return fmt.Sprintf("score_%d", class) }

// table is the file of rows as a table of the run.
func (b *Stored) table() dataset.Table {
	t := dataset.Table{At: atStore, AtID: atStore, Path: b.RowsPath, ID: rowID, Former: true}
	if b.byPosition() {
		t.ID, t.Position = rowPosition, true
	}
	return t
}

func (b *Stored) byPosition() bool { return b.Rows.Order != nil }

// model is the file of rows as recorded answers.
func (b *Stored) model() *spec.Model {
	m := &spec.Model{Path: b.RowsPath, ID: rowID, Threshold: b.Model.Threshold}
	if b.Rows.Label {
		m.Label = rowLabel
	}
	if b.Rows.Score {
		m.Score = rowScore
	}
	for i, class := range b.Rows.Scores {
		m.Scores = append(m.Scores, spec.ClassColumn{Class: class, Column: rowScoreOf(i)})
	}
	return m
}

// classes are the classes of the baseline; b may be nil.
func (b *Stored) classes() []string {
	if b == nil {
		return nil
	}
	return b.Classes
}

// unpaired says why the rows of a spec cannot be paired with the baseline's; ""
// if they may be.
func (b *Stored) unpaired(s *spec.Spec) string {
	if !b.byPosition() && s.Eval.ID == "" {
		return fmt.Sprintf("the %s's rows go by the id %q, and the spec names no id", b.role(), s.Redact(b.Rows.ID))
	}
	return ""
}

// resolveStored holds a stored baseline against the spec and the columns of now.
func (p *plan) resolveStored() error {
	b := p.options.Stored
	if b == nil {
		return nil
	}
	if b.Task != string(p.spec.Task) {
		return p.baselineError("the %s was accepted for a %s task, and this one is %s", b.role(), b.Task, p.spec.Task)
	}
	if p.spec.Task == spec.Binary {
		for i, class := range b.Classes {
			if p.classes.Index(class) != i {
				return p.baselineError("the %s was accepted with the classes %s, the second one positive; now they are %s", b.role(), quoteAll(b.Classes, 5), quoteAll(p.classes.Names, 5))
			}
		}
	}
	p.unpaired = b.unpaired(p.spec)
	if p.unpaired != "" {
		return nil
	}
	if b.byPosition() {
		p.resolveOrder(b)
	}
	if p.unpaired != "" {
		return nil
	}
	return p.wantStoredScores(b)
}

// resolveOrder finds the columns that the order of rows is told by. Where one
// is gone, positions say nothing.
func (p *plan) resolveOrder(b *Stored) {
	for _, name := range b.Rows.Order.Columns {
		c, ok := dataset.Find(p.source.Columns(), name)
		if !ok {
			p.unpaired = fmt.Sprintf("the column %q, which told the order of rows, is gone, and rows have no id", p.spec.Redact(name))
			*p = *p.alone()
			return
		}
		p.order = append(p.order, c)
	}
}

// alone is the plan for the candidate without a baseline.
func (p *plan) alone() *plan {
	q := *p
	q.given, q.models, q.order = q.given[:1], slices.Clone(q.models[:1]), nil
	q.resolveShape()
	return &q
}

// wantStoredScores refuses rules about scores where the baseline has none.
func (p *plan) wantStoredScores(b *Stored) error {
	if b.Rows.Score || len(b.Rows.Scores) > 0 || p.classes == nil {
		return nil
	}
	var problems spec.Problems
	for _, r := range p.scoreRules() {
		problems = append(problems, p.spec.Problem(r.At, fmt.Sprintf("%s needs scores, and the %s was accepted with labels alone", r.name(), b.role()), b.hint()))
	}
	if len(problems) > 0 {
		return &BaselineError{Problems: problems}
	}
	return nil
}

// scoreRule is a rule that needs scores.
type scoreRule struct{ spec.Rule }

// name is what a message calls its metric.
func (r scoreRule) name() string {
	if r.SQL != "" {
		return r.Key
	}
	return r.Metric
}

// scoreRules are the rules that need scores, each once.
func (p *plan) scoreRules() []scoreRule {
	var list []scoreRule
	seen := map[string]bool{} // slices share rules
	whole, sliced := p.allRules()
	for _, r := range slices.Concat(whole, sliced) {
		if m, _ := metric.Lookup(r.Metric); (m.Scores || p.readsScore(r)) && !seen[r.At] {
			seen[r.At] = true
			list = append(list, scoreRule{r})
		}
	}
	return list
}

// former reads what a stored baseline says of rows besides its answers.
func (p *plan) former() (from dataset.From, truth dataset.Column, ok bool) {
	attached := -1
	for _, m := range p.given {
		if m.Path == "" {
			continue
		}
		attached++
		if m.stored != nil {
			truth, ok = dataset.Find(p.source.Attached(attached), rowTruth)
			return dataset.FromAttached(attached), truth, ok
		}
	}
	return 0, truth, false
}

// listOf joins words: "a, b and c".
func listOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// describe is the baseline as a result has it.
func (b *Stored) describe() *result.Model {
	return &result.Model{
		Form: "store", Path: b.Model.Path, Label: b.Model.Label, Score: b.Model.Score, Fingerprint: b.Model.Fingerprint,
		Accepted: b.Accepted, Number: b.AcceptedAs(), Checksum: b.Checksum,
	}
}
