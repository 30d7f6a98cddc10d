package gate

import (
	"context"
	"fmt"

	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
)

// evaluation is what the rows say. Where the evaluation set has rows that a
// stored baseline has not, a change is judged on the rows that both have, and
// the candidate's own value on all.
type evaluation struct {
	all     *scanned // every row
	both    *scanned // the rows that both models answered; nil: there are none to pair
	changes *result.Changes
	notes   []string
	since   map[string]pending // limits since the anchor, by id
}

// evaluate reads the rows: once, and once more where the set has changed since
// the baseline was accepted.
func (p *plan) evaluate(ctx context.Context) (*evaluation, error) {
	e, err := p.read(ctx)
	if err != nil {
		return nil, err
	}
	e.all.seal(p.options.Threads)
	if e.both != nil && e.both != e.all {
		e.both.seal(p.options.Threads)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if b := p.options.Stored; b != nil && b.Name != p.spec.Redact(p.spec.Name) {
		e.notes = append(e.notes, "The "+b.role()+" was accepted for "+b.Name+".")
	}
	return e, p.evaluateFormulas(ctx, e)
}

// evaluateFormulas works the metrics in SQL out: on the rows that both models
// answered, and on all where these are others.
func (p *plan) evaluateFormulas(ctx context.Context, e *evaluation) (err error) {
	if e.both != nil && e.both != e.all {
		if e.both.formulas, err = p.deriveFormulas(ctx); err != nil {
			return err
		}
		p = p.alone()
	}
	e.all.formulas, err = p.deriveFormulas(ctx)
	return err
}

func (s *scanned) seal(threads int) {
	s.worker = nil
	s.summary.Seal(threads)
}

func (p *plan) read(ctx context.Context) (*evaluation, error) {
	s, err := p.scan(ctx)
	if err != nil {
		return nil, err
	}
	if _, _, stored := p.former(); stored {
		return p.pair(ctx, s)
	}
	if err := p.trust(ctx, s.sink()); err != nil {
		return nil, err
	}
	e := &evaluation{all: s}
	if len(p.models) == 2 {
		e.both = s
	}
	if p.unpaired != "" {
		e.notes = append(e.notes, "Compared with the "+p.options.Stored.role()+"'s stored values, not row by row: "+p.unpaired+". "+
			"Rows that are paired by an id tell smaller changes apart, and show which of them flipped.")
	}
	return e, nil
}

// pair judges the rows that were paired with a stored baseline's: they may be
// all, some or none.
func (p *plan) pair(ctx context.Context, shared *scanned) (*evaluation, error) {
	b := p.options.Stored
	if b.byPosition() && !p.sameOrder(shared) {
		*p = *p.alone()
		p.unpaired = "rows without an id, or their order, have changed since it was accepted"
		return p.read(ctx)
	}
	e := &evaluation{all: shared, both: shared}
	if shared == nil || shared.rows+p.unlabelled < p.source.Rows() {
		alone := p.alone()
		var err error
		if e.all, err = alone.scan(ctx); err != nil {
			return nil, err
		}
		if err := alone.trust(ctx, e.all.sink()); err != nil {
			return nil, err
		}
		if err := p.trustShared(shared); err != nil {
			return nil, err
		}
	} else if err := p.trust(ctx, shared.sink()); err != nil {
		return nil, err
	}
	e.changes = &result.Changes{Shared: shared.rows, Added: e.all.rows - shared.rows, Removed: b.Data.Rows - shared.rows, Relabelled: shared.relabelled,
		Identical: e.all.prints.eval.String() == b.Data.Fingerprint}
	return e, p.note(e)
}

// sameOrder says whether positions name the rows that they named.
func (p *plan) sameOrder(s *scanned) bool {
	b := p.options.Stored
	return s != nil && s.rows == b.Data.Rows && s.rows+p.unlabelled == p.source.Rows() && s.worker.order.print.String() == b.Rows.Order.Fingerprint
}

// trustShared ends the run if the rows that are shared with the baseline cannot
// be used. All rows have been looked at by then, without the baseline.
func (p *plan) trustShared(s *scanned) error {
	b := p.options.Stored
	switch {
	case s == nil:
		return p.baselineError("no row of the evaluation set is among the %s that the %s was accepted on%s", predict.Count(b.Data.Rows, "row", "rows"), b.role(), p.renamed())
	case s.worker.ids.repeated(p.options.Threads):
		return p.baselineError("the %s's rows have an id twice", b.role())
	}
	return p.trustValues(s.worker)
}

// renamed says that the id goes by another name than it did; "" if it does not.
func (p *plan) renamed() string {
	b := p.options.Stored
	if b.byPosition() || b.Rows.ID == p.spec.Eval.ID {
		return ""
	}
	return fmt.Sprintf("; the id was %s then, and is %s now", b.Rows.ID, p.spec.Eval.ID)
}

// note says how the set has changed. An id of another name is taken for the
// same only where it names the same rows: numbers that happen to be in both
// columns would pair rows that have nothing to do with each other.
func (p *plan) note(e *evaluation) error {
	c := *e.changes
	changed := c.Added+c.Removed+c.Relabelled > 0
	switch {
	case p.renamed() != "" && changed:
		return p.baselineError("the %s's rows go by the id %q, and %q is not the same: %d rows have an id of both, %d are new, %d are gone, and %d have another label",
			p.options.Stored.role(), p.options.Stored.Rows.ID, p.spec.Eval.ID, c.Shared, c.Added, c.Removed, c.Relabelled)
	case p.renamed() != "":
		e.notes = append(e.notes, fmt.Sprintf("Rows are paired by %s, which was %s when the %s was accepted: ids and labels are the same.",
			p.spec.Redact(p.spec.Eval.ID), p.spec.Redact(p.options.Stored.Rows.ID), p.options.Stored.role()))
	case changed:
		e.notes = append(e.notes, p.changeNote(c))
	}
	return nil
}

func (p *plan) changeNote(c result.Changes) string {
	var parts []string
	for _, part := range []struct {
		n    uint64
		what string
	}{{c.Added, "added"}, {c.Removed, "removed"}, {c.Relabelled, "labelled anew"}} {
		if part.n > 0 {
			parts = append(parts, predict.Count(part.n, "row "+part.what, "rows "+part.what))
		}
	}
	text := "The evaluation set has changed since the " + p.options.Stored.role() + " was accepted: " + listOf(parts) + "."
	if c.Added > 0 {
		text += fmt.Sprintf(" Changes are judged on the %s, min and max on all.", predict.Count(c.Shared, "row that both have", "rows that both have"))
	}
	return text
}
