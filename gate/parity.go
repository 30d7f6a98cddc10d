package gate

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/parity"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// parityChecks compare every answer of the two models, which ought to be one: their
// scores or numbers, and their labels.
func (p *plan) parityChecks(ctx context.Context, wanted func(id string) bool) ([]result.Check, error) {
	s := p.spec.Parity
	if s == nil {
		return nil, nil
	}
	var list []result.Check
	what := map[string]string{"values": "scores", "labels": "labels"}
	if p.classes == nil {
		what["values"] = "numbers"
	}
	for _, name := range []string{"values", "labels"} {
		c := result.Check{ID: "parity/" + name, Kind: "parity", Name: what[name], Severity: string(orElse(s.Severity, spec.Block)), Rule: result.Rule{At: p.whereOf("parity")},
			Evidence: &result.Evidence{Method: "exact", Paired: true, Family: "parity"}}
		if wanted(c.ID) && !(name == "labels" && p.classes == nil) {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	if len(p.models) < 2 {
		for i := range list {
			list[i].Verdict, list[i].Reason = result.Skipped, p.skipUnpairable("a comparison of answers")
		}
		return list, nil
	}
	t, err := p.tally(ctx)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].ID == "parity/values" {
			p.tellValues(&list[i], s, t)
		} else {
			p.tellLabels(&list[i], s, t)
		}
	}
	return list, nil
}

// tally reads the answers once more: the summaries keep no row's own.
func (p *plan) tally(ctx context.Context) (*parity.Tally, error) {
	f := new(fields)
	p.newParityReader(f)
	var mu sync.Mutex
	var all []*parityReader
	err := p.source.Scan(ctx, dataset.Request{Fields: f.list, NotNull: p.notNull()}, func() dataset.Sink {
		r := p.newParityReader(new(fields))
		mu.Lock()
		defer mu.Unlock()
		all = append(all, r)
		return r
	})
	if err != nil {
		return nil, err
	}
	t := parity.New(parity.Tolerance{Absolute: p.spec.Parity.Absolute, Relative: p.spec.Parity.Relative})
	for _, r := range all {
		t.Merge(r.tally)
	}
	return t, nil
}

// parityReader compares the answers of one thread's rows.
type parityReader struct {
	plan   *plan
	ids    idReader
	place  int      // of positions, where rows have no id
	scores [2][]int // places, by class
	labels [2]int   // -1: made of the scores
	tally  *parity.Tally
}

func (p *plan) newParityReader(f *fields) *parityReader {
	r := &parityReader{plan: p, ids: newIDReader(f.place, p.id, 0), tally: parity.New(parity.Tolerance{Absolute: p.spec.Parity.Absolute, Relative: p.spec.Parity.Relative})}
	r.place = f.place(dataset.Field{Form: dataset.Position})
	for m, c := range [2]predict.Columns{p.models[1], p.models[0]} {
		r.labels[m] = -1
		columns := c.Scores
		switch {
		case p.classes == nil:
			columns = []string{c.Label.Name}
		case c.Score != "":
			columns = []string{c.Score}
		}
		for _, name := range columns {
			r.scores[m] = append(r.scores[m], f.place(dataset.Field{From: c.From, Column: name, Form: dataset.AsFloat}))
		}
		if p.classes != nil && c.LabelCounts() {
			r.labels[m] = f.place(dataset.Field{From: c.From, Column: c.Label.Name, Form: dataset.AsText})
		}
	}
	return r
}

// Consume implements dataset.Sink.
func (r *parityReader) Consume(b *dataset.Batch) error {
	ids := r.ids.read(b)
	for row := range b.Rows {
		id := func() string {
			if ids.Text == nil {
				return strconv.FormatInt(b.Vectors[r.place].Ints[row], 10)
			}
			return ids.Text(row)
		}
		if len(r.scores[0]) == len(r.scores[1]) {
			for k := range r.scores[0] {
				class := k
				if len(r.scores[0]) == 1 {
					class = -1
				}
				r.tally.Value(id, class, b.Vectors[r.scores[0][k]].Floats[row], b.Vectors[r.scores[1][k]].Floats[row])
			}
		}
		if r.plan.classes != nil {
			r.tally.Label(id, r.label(b, 0, row), r.label(b, 1, row))
		}
	}
	return nil
}

// label is what a model says of a row: its own label, or what its scores make.
func (r *parityReader) label(b *dataset.Batch, m, row int) string {
	p := r.plan
	if at := r.labels[m]; at >= 0 {
		if i := p.classes.Index(p.canonical(b.Vectors[at].Texts[row])); i >= 0 {
			return p.classes.Names[i]
		}
		return ""
	}
	if len(r.scores[m]) == 1 {
		if b.Vectors[r.scores[m][0]].Floats[row] >= p.models[1-m].Cut() {
			return p.classes.Names[1]
		}
		return p.classes.Names[0]
	}
	best := 0
	for k, at := range r.scores[m] {
		if b.Vectors[at].Floats[row] > b.Vectors[r.scores[m][best]].Floats[row] {
			best = k
		}
	}
	return p.classes.Names[best]
}

// tellValues is the check of scores or numbers.
func (p *plan) tellValues(c *result.Check, s *spec.Parity, t *parity.Tally) {
	if t.Values == 0 {
		c.Verdict, c.Reason = result.Skipped, "one of the models gives labels alone"
		return
	}
	ulp, single := t.ULP()
	d := &result.Parity{Compared: t.Values, Apart: t.Beyond, MaxAbsolute: &t.MaxAbsolute, MaxRelative: &t.MaxRelative, ULP: &ulp, Single: single}
	precision := "double"
	if single {
		precision = "single"
	}
	for _, r := range t.Worst {
		row := result.ParityRow{ID: p.spec.Redact(r.ID), Baseline: strconv.FormatFloat(r.Baseline, 'g', -1, 64), Candidate: strconv.FormatFloat(r.Candidate, 'g', -1, 64)}
		if r.Class >= 0 {
			row.Class = p.spec.Redact(p.classes.Names[r.Class])
		}
		d.Rows = append(d.Rows, row)
	}
	c.Rows, c.Details.Parity = &t.Values, d
	c.Verdict = result.Pass
	c.Reason = fmt.Sprintf("at most %.3g apart (%.3g as a share), which is %s of %s precision", t.MaxAbsolute, t.MaxRelative, predict.Count(ulp, "step", "steps"), precision)
	if t.Beyond > 0 {
		c.Verdict = result.Fail
		w := d.Rows[0]
		c.Reason = fmt.Sprintf("%s of %s beyond %g + %g of the baseline's; %s; the worst: %s, %s became %s",
			predict.Thousands(t.Beyond), predict.Count(t.Values, "value", "values"), s.Absolute, s.Relative, c.Reason, w.ID, w.Baseline, w.Candidate)
	}
}

// tellLabels is the check of labels.
func (p *plan) tellLabels(c *result.Check, s *spec.Parity, t *parity.Tally) {
	if t.Rows == 0 {
		c.Verdict, c.Reason = result.Skipped, "there is no row"
		return
	}
	d := &result.Parity{Compared: t.Rows, Apart: t.Flips}
	for _, r := range t.Flipped {
		d.Rows = append(d.Rows, result.ParityRow{ID: p.spec.Redact(r.ID), Baseline: p.spec.Redact(r.BaselineLabel), Candidate: p.spec.Redact(r.CandidateLabel)})
	}
	c.Rows, c.Details.Parity = &t.Rows, d
	c.Verdict = result.Pass
	c.Reason = fmt.Sprintf("%s of %s differ", predict.Thousands(t.Flips), predict.Count(t.Rows, "label", "labels"))
	switch {
	case t.Flips > s.MaxLabelFlips:
		c.Verdict = result.Fail
		w := d.Rows[0]
		c.Reason += fmt.Sprintf(", and %s may: %s, %s became %s", predict.Thousands(s.MaxLabelFlips), w.ID, w.Baseline, w.Candidate)
	case t.Flips == 0:
		c.Reason += fmt.Sprintf("; of all rows like these up to %.2g%% may", 300/float64(t.Rows))
	}
}
