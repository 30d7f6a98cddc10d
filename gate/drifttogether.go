package gate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/drift"
	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/stats"
)

// What is asked of rows, over all columns together; of a sample, the same in each run.
const (
	idApart   = "drift:rows"
	idConcept = "drift:concept"
	idLabels  = "drift:labels"
	idTime    = "drift:time"

	togetherRows   = 1 << 16
	togetherValues = 1 << 24
	mostLabels     = 50 // whose shares are estimated
	fewLabels      = 20 // different numbers are classes up to so many
	mostExplaining = 20
	mostBinsTold   = 12
)

// together adds the checks of rows, and to that of all columns what a change of the losses
// goes along with.
func (d *driftRun) together(ctx context.Context, names []string, checks []result.Check, wanted func(id string) bool) ([]result.Check, error) {
	if !slices.ContainsFunc([]string{"drift", idApart, idConcept, idLabels, idTime}, wanted) {
		return checks, nil
	}
	features := d.comparable(names)
	if len(features) == 0 {
		return checks, nil
	}
	if d.reference.source == nil {
		c := d.check(idApart, spec.Warn, "drift")
		c.Name, c.Verdict, c.Reason = "rows", result.Skipped, d.reference.name+" is a profile, which keeps no rows to tell from others"
		return append(checks, c), nil
	}
	rows, err := d.draw(ctx, features)
	if err != nil {
		return nil, err
	}
	for _, of := range []func(*driftRows) (*result.Check, error){d.apart, d.concept, d.labels, d.byTime} {
		c, err := of(rows)
		if err != nil {
			return nil, err
		}
		if c != nil {
			checks = append(checks, *c)
		}
	}
	return checks, d.explain(rows, &checks[0])
}

// comparable are the features that both tables have, of one kind. Times are left out: that
// the rows are of another time is why they are compared.
func (d *driftRun) comparable(names []string) []string {
	var list []string
	for _, name := range names {
		r, c := d.reference.profile.Find(name), d.current.profile.Find(name)
		if role := d.role(name); role == "label" || role == "prediction" || c == nil || r.Kind != c.Kind {
			continue
		}
		if r.Kind != profile.Nested && r.Kind != profile.Time {
			list = append(list, name)
		}
	}
	return list
}

// driftRows are sampled rows of both tables.
type driftRows struct {
	features           []string
	reference, current *profile.Sample
}

func (d *driftRun) draw(ctx context.Context, features []string) (*driftRows, error) {
	rows := &driftRows{features: features}
	for _, t := range []struct {
		*driftTable
		to **profile.Sample
	}{{d.reference, &rows.reference}, {d.current, &rows.current}} {
		var columns []dataset.Column
		for _, c := range t.source.Columns() {
			answer := c.Name != "" && slices.Contains([]string{d.label, d.answer, d.score, d.time}, c.Name)
			if slices.Contains(features, c.Name) || answer && profile.KindOf(c) != profile.Nested {
				columns = append(columns, c)
			}
		}
		var err error
		if *t.to, err = profile.Draw(ctx, t.source, columns, min(togetherRows, togetherValues/len(columns))); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// only are some columns of a sample.
func only(s *profile.Sample, names ...string) *profile.Sample {
	to := &profile.Sample{Rows: s.Rows}
	for _, c := range s.Columns {
		if slices.Contains(names, c.Name) {
			to.Columns = append(to.Columns, c)
		}
	}
	return to
}

// find is a column of a sample, or nil.
func find(s *profile.Sample, name string) *profile.SampleColumn {
	i := slices.IndexFunc(s.Columns, func(c profile.SampleColumn) bool { return c.Name == name })
	if name == "" || i < 0 {
		return nil
	}
	return &s.Columns[i]
}

// untold makes a check skipped where the rows do not answer it; other errors come back.
func untold(c *result.Check, err error) (*result.Check, error) {
	reason := ""
	if r, ok := errors.AsType[*drift.RefusedError](err); ok {
		reason = r.Reason
	} else if errors.Is(err, stats.ErrUndefined) {
		reason = strings.TrimPrefix(err.Error(), stats.ErrUndefined.Error()+": ")
	} else {
		return nil, err
	}
	c.Verdict, c.Reason = result.Skipped, reason
	return c, nil
}

func (d *driftRun) rowsCheck(id, name, method string, s *profile.Sample) *result.Check {
	c := d.check(id, spec.Warn, "drift")
	rows := uint64(s.Rows)
	c.Name, c.Rows, c.Evidence.Method = name, &rows, method
	return &c
}

func judged(c *result.Check, drifted bool) {
	c.Verdict = result.Pass
	if drifted {
		c.Verdict = result.Fail
	}
}

// apart says whether the rows can be told apart at all.
func (d *driftRun) apart(rows *driftRows) (*result.Check, error) {
	c := d.rowsCheck(idApart, "rows", "domain classifier", rows.current)
	a, err := drift.TellApart(only(rows.reference, rows.features...), only(rows.current, rows.features...), 1-d.alpha)
	if err != nil {
		return untold(c, err)
	}
	judged(c, a.Drifted(drift.ApartLimit, d.alpha))
	out := &result.Apart{AUC: a.Area.Value, Interval: ends(a.Interval), Limit: drift.ApartLimit, P: a.P, Reference: a.Reference, Current: a.Current}
	var by, pairs []string
	for _, t := range a.Columns {
		out.Columns = append(out.Columns, result.Telling{Name: d.redact(t.Name), Lost: t.Lost, Interval: ends(t.Interval), Alone: t.Alone})
		if t.Interval.Low > 0 {
			by = append(by, d.redact(t.Name))
		}
	}
	for _, t := range a.Pairs {
		out.Pairs = append(out.Pairs, result.TellingPair{A: d.redact(t.A), B: d.redact(t.B), Lost: t.Lost, Interval: ends(t.Interval)})
		if t.Interval.Low > 0 {
			pairs = append(pairs, d.redact(t.A)+" with "+d.redact(t.B))
		}
	}
	c.Details.Apart = out
	value := "AUC " + short(a.Area.Value) + within(a.Interval)
	if c.Verdict == result.Pass {
		c.Reason = value + ", limit " + short(drift.ApartLimit)
		return c, nil
	}
	c.Reason = value + " > " + short(drift.ApartLimit) + ": a classifier tells the rows of both tables apart"
	if len(by) > 0 {
		c.Reason += "; by " + shorten(by, 3)
	}
	if len(pairs) > 0 {
		c.Reason += "; together in another way: " + shorten(pairs, 2)
	}
	return c, nil
}

func within(in stats.Interval) string {
	if math.IsNaN(in.Low) {
		return ""
	}
	return fmt.Sprintf(" [%s, %s]", short(in.Low), short(in.High))
}

func ends(in stats.Interval) *[2]float64 {
	if math.IsNaN(in.Low) || math.IsNaN(in.High) {
		return nil
	}
	return &[2]float64{in.Low, in.High}
}

// concept says whether the label still follows from the features as before, where both
// tables have it.
func (d *driftRun) concept(rows *driftRows) (*result.Check, error) {
	r, current := find(rows.reference, d.label), find(rows.current, d.label)
	if r == nil || current == nil || r.Kind == profile.Time || r.Kind != current.Kind {
		return nil, nil
	}
	c := d.rowsCheck(idConcept, "concept", "weighted generalised covariance measure", rows.current)
	x, err := drift.CompareConcepts(rows.reference, rows.current, d.label, d.timesOf(rows), 1-d.alpha)
	if err != nil {
		return untold(c, err)
	}
	judged(c, x.Drifted(drift.ConceptLimit, d.alpha))
	out := &result.Concept{Label: d.redact(d.label), Class: d.redact(x.Class), Change: x.Change, Interval: ends(x.Interval), Limit: drift.ConceptLimit * x.Spread, P: x.P,
		Everywhere: x.Everywhere, Reference: x.Reference, Current: x.Current}
	for _, s := range x.Columns {
		out.Columns = append(out.Columns, result.ConceptShare{Name: d.redact(s.Name), Share: s.Share})
	}
	c.Details.Concept = out
	what := out.Label
	if out.Class != "" {
		what = "the share of " + out.Label + " = " + out.Class
	}
	if c.Verdict == result.Pass {
		c.Reason = fmt.Sprintf("change %s%s, limit %s: %s, for the same features", short(max(0, x.Change)), within(x.Interval), short(out.Limit), what)
		return c, nil
	}
	c.Reason = fmt.Sprintf("%s has changed by %s%s > %s for the same features", what, short(x.Change), within(x.Interval), short(out.Limit))
	switch {
	case x.Everywhere > .5:
		c.Reason += "; for all rows alike"
	case len(out.Columns) > 0:
		c.Reason += "; most along with " + out.Columns[0].Name
	}
	return c, nil
}

// timesOf are the columns of times, which are no features here.
func (d *driftRun) timesOf(rows *driftRows) []string {
	var names []string
	for _, c := range rows.reference.Columns {
		if c.Kind == profile.Time || c.Name == d.time {
			names = append(names, c.Name)
		}
	}
	return names
}

// labels estimates the labels' shares from the predictions, where current rows have no
// labels.
func (d *driftRun) labels(rows *driftRows) (*result.Check, error) {
	truth, before, now := find(rows.reference, d.label), find(rows.reference, d.answer), find(rows.current, d.answer)
	if truth == nil || before == nil || now == nil || find(rows.current, d.label) != nil {
		return nil, nil
	}
	names := labelNames(truth, before, now)
	if names == nil {
		return nil, nil
	}
	c := d.rowsCheck(idLabels, "labels", "black box shift estimation", rows.current)
	confusion, current := make([][]uint64, len(names)), make([]uint64, len(names))
	for i := range confusion {
		confusion[i] = make([]uint64, len(names))
	}
	for i := range rows.reference.Rows {
		if y, p := labelAt(truth, i), labelAt(before, i); y != "" && p != "" {
			confusion[slices.Index(names, p)][slices.Index(names, y)]++
		}
	}
	for i := range rows.current.Rows {
		if p := labelAt(now, i); p != "" {
			current[slices.Index(names, p)]++
		}
	}
	l, err := drift.LabelShift(confusion, current, 1-d.alpha)
	if err != nil {
		return untold(c, err)
	}
	judged(c, l.Drifted(drift.LabelLimit, d.alpha))
	out := &result.LabelShift{Distance: l.Distance, Limit: drift.LabelLimit, P: l.P, Condition: l.Condition}
	most := 0
	for i, s := range l.Shares {
		out.Labels = append(out.Labels, result.LabelShare{Label: d.redact(names[i]), Reference: s.Reference, Current: s.Current, Interval: ends(s.Interval)})
		if math.Abs(s.Current-s.Reference) > math.Abs(l.Shares[most].Current-l.Shares[most].Reference) {
			most = i
		}
	}
	c.Details.LabelShift = out
	s := out.Labels[most]
	sign := ", limit "
	if c.Verdict == result.Fail {
		sign = " > "
	}
	c.Reason = fmt.Sprintf("if rows of one label are as before, their predictions say that the labels have shifted by %s%s%s: %s from %.1f%% to %.1f%%", short(l.Distance), sign, short(drift.LabelLimit), s.Label, 100*s.Reference, 100*s.Current)
	return c, nil
}

// labelNames are the labels that columns have, in order; nil where they are no classes.
func labelNames(columns ...*profile.SampleColumn) []string {
	seen := map[string]bool{}
	for _, c := range columns {
		for i := range c.Null {
			if t := labelAt(c, i); t != "" {
				seen[t] = true
			}
		}
		if len(seen) > mostLabels || c.Kind == profile.Time || c.Kind != columns[0].Kind {
			return nil
		}
	}
	if len(seen) < 2 {
		return nil
	}
	names := make([]string, 0, len(seen))
	for t := range seen {
		names = append(names, t)
	}
	slices.Sort(names)
	return names
}

// labelAt is a row's label as a text; "" without one.
func labelAt(c *profile.SampleColumn, i int) string {
	switch {
	case c.Null[i] || c.Numbers != nil && math.IsNaN(c.Numbers[i]):
		return ""
	case c.Numbers != nil:
		return strconv.FormatFloat(c.Numbers[i]+0, 'g', -1, 64)
	}
	return c.Texts[i]
}

// explain says what a change of the losses goes along with, or of the predictions where
// there are no labels.
func (d *driftRun) explain(rows *driftRows, c *result.Check) error {
	loss := d.lossOf(rows)
	if loss == nil || c.Details.Drifted == nil {
		return nil
	}
	before, after := loss.of(rows.reference), loss.of(rows.current)
	var list []*drift.Attribution
	for _, name := range rows.features {
		bins := drift.BinsOf(d.reference.profile.Find(name))
		a, err := drift.Attribute(bins, lossesBy(bins, find(rows.reference, name), before), lossesBy(bins, find(rows.current, name), after), 1-d.alpha)
		if errors.Is(err, stats.ErrUndefined) || errors.Is(err, stats.ErrInvalid) {
			return nil // too few rows have a loss, or one is infinite: there is nothing to explain
		}
		if err != nil {
			return err
		}
		list = append(list, a)
	}
	if in := list[0].Total.Interval; !(in.Low > 0 || in.High < 0) {
		return nil
	}
	drift.Rank(list)
	c.Details.Drifted.Explained = d.explained(loss, before, after, list)
	c.Reason += "; " + explanation(c.Details.Drifted.Explained, loss.percent)
	return nil
}

// loss is of a row of a table.
type loss struct {
	name    string
	percent bool
	labels  bool                              // it is of predictions against labels
	of      func(s *profile.Sample) []float64 // NaN where a row has none
}

// lossOf is whether the prediction is wrong, how far off it is, or the prediction itself;
// nil where there is none of these.
func (d *driftRun) lossOf(rows *driftRows) *loss {
	there := func(name string) bool {
		r, c := find(rows.reference, name), find(rows.current, name)
		return r != nil && c != nil && r.Kind == c.Kind && r.Kind != profile.Time
	}
	if there(d.label) && there(d.answer) {
		columns := []*profile.SampleColumn{find(rows.reference, d.label), find(rows.reference, d.answer), find(rows.current, d.label), find(rows.current, d.answer)}
		names := labelNames(columns...)
		switch {
		case columns[0].Kind != columns[1].Kind:
		case columns[0].Numbers == nil || names != nil && len(names) <= fewLabels:
			return &loss{"share of wrong rows", true, true, func(s *profile.Sample) []float64 {
				return perRow(s, find(s, d.label), find(s, d.answer), func(i int, y, p *profile.SampleColumn) float64 {
					if labelAt(y, i) == labelAt(p, i) {
						return 0
					}
					return 1
				})
			}}
		default:
			return &loss{"mean absolute error", false, true, func(s *profile.Sample) []float64 {
				return perRow(s, find(s, d.label), find(s, d.answer), func(i int, y, p *profile.SampleColumn) float64 { return math.Abs(y.Numbers[i] - p.Numbers[i]) })
			}}
		}
	}
	for _, name := range []string{d.score, d.answer} {
		if there(name) && find(rows.reference, name).Numbers != nil {
			return &loss{"mean of " + d.redact(name), false, false, func(s *profile.Sample) []float64 {
				return perRow(s, find(s, name), find(s, name), func(i int, p, _ *profile.SampleColumn) float64 { return p.Numbers[i] })
			}}
		}
	}
	return nil
}

func perRow(s *profile.Sample, y, p *profile.SampleColumn, of func(i int, y, p *profile.SampleColumn) float64) []float64 {
	list := make([]float64, s.Rows)
	for i := range list {
		list[i] = math.NaN()
		if labelAt(y, i) != "" && labelAt(p, i) != "" {
			list[i] = of(i, y, p)
		}
	}
	return list
}

func lossesBy(bins *drift.Bins, c *profile.SampleColumn, rows []float64) drift.Losses {
	l := make(drift.Losses, len(bins.Labels()))
	for i, x := range rows {
		if !math.IsNaN(x) {
			l[bins.Of(c, i)].Add(x)
		}
	}
	return l
}

func (d *driftRun) explained(loss *loss, before, after []float64, list []*drift.Attribution) *result.Explained {
	out := &result.Explained{Of: loss.name, Reference: meanOf(before), Current: meanOf(after), Interval: ends(list[0].Total.Interval)}
	part := func(p drift.Part) result.Part { return result.Part{Value: p.Value, Interval: ends(p.Interval)} }
	for _, a := range list[:min(len(list), mostExplaining)] {
		e := result.Explaining{Name: d.redact(a.Name), Mix: part(a.Mix), Within: part(a.Within), New: part(a.New)}
		for _, b := range a.Bins[:min(len(a.Bins), mostBinsTold)] {
			e.Bins = append(e.Bins, result.BinOf{Bin: d.redact(b.Label), ReferenceShare: b.ReferenceShare, CurrentShare: b.CurrentShare,
				ReferenceMean: orNone(b.ReferenceMean), CurrentMean: orNone(b.CurrentMean), Sum: b.Sum()})
		}
		out.Columns = append(out.Columns, e)
	}
	return out
}

func orNone(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}

func meanOf(list []float64) float64 {
	var m stats.Moments
	for _, x := range list {
		if !math.IsNaN(x) {
			m.Add(x)
		}
	}
	return m.Mean
}

// valueOf writes a share in percent, another number as it is.
func valueOf(percent bool) func(x float64) string {
	if !percent {
		return short
	}
	return func(x float64) string { return fmt.Sprintf("%.1f%%", 100*x) }
}

// explanation is the change in a sentence, with the column whose shares explain most of it,
// where any explains some beyond chance.
func explanation(e *result.Explained, percent bool) string {
	value, by := valueOf(percent), short
	if percent {
		by = func(x float64) string { return fmt.Sprintf("%+.1f points", 100*x) }
	}
	text := fmt.Sprintf("the %s went from %s to %s", e.Of, value(e.Reference), value(e.Current))
	change := e.Current - e.Reference
	first := e.Columns[0]
	mix := first.Mix.Value + first.New.Value
	if in := first.Mix.Interval; first.New.Value == 0 && in != nil && in[0] < 0 && in[1] > 0 || mix*change <= 0 {
		return text + ", which other rows by no column explain"
	}
	return fmt.Sprintf("%s; that the rows are others by %s makes %s", text, first.Name, by(mix))
}
