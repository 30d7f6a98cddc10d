package gate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/noworse/noworse/drift"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/slice"
	"github.com/noworse/noworse/spec"
)

// check is what the checks of drift have in common.
func (d *driftRun) check(id string, severity spec.Severity, at string) result.Check {
	return result.Check{ID: id, Kind: "drift", Severity: string(severity), Rule: result.Rule{At: d.where(at)},
		Evidence: &result.Evidence{Method: "adjusted P and distance", Family: "drift", Alpha: d.alpha}}
}

// skipped is the one check of a comparison that cannot be made.
func (d *driftRun) skipped(why string, wanted func(id string) bool) []result.Check {
	c := d.check("drift", orElse(d.settings.Severity, spec.Block), "drift")
	c.Name, c.Verdict, c.Reason = "columns", result.Skipped, why
	if !wanted(c.ID) {
		return nil
	}
	return []result.Check{c}
}

// whole is the check of how many features drifted.
func (d *driftRun) whole(list []drift.Comparison, decisions []drift.Decision) result.Check {
	c := d.check("drift", orElse(d.settings.Severity, spec.Block), "drift")
	c.Name = "columns"
	var features []drift.Decision
	var moved []int
	for i, x := range list {
		if role := d.role(x.Name); role == "label" || role == "prediction" {
			continue
		}
		features = append(features, decisions[i])
		if far(decisions[i]) > 0 {
			moved = append(moved, i)
		}
	}
	share := drift.Of(features)
	details := &result.Drifted{Compared: share.Compared, Drifted: share.Drifted, Unclear: share.Unclear}
	for _, i := range moved[:min(len(moved), 20)] {
		details.Columns = append(details.Columns, d.redact(list[i].Name))
	}
	c.Details.Drifted = details
	c.Rows = &d.current.profile.Rows
	c.Evidence.Tests = share.Compared
	is, may := share.TooMuch(d.policy())
	c.Reason = fmt.Sprintf("%d of %s drifted", share.Drifted, predict.Count(uint64(share.Compared), "feature", "features"))
	if len(moved) > 0 {
		c.Reason += ": " + shorten(details.Columns, 5)
	}
	limit := fmt.Sprintf("%s or more are too many", result.Percent(d.settings.MaxShare))
	switch {
	case share.Compared == 0:
		c.Verdict, c.Reason = result.Error, "no feature could be compared"
	case is:
		c.Verdict, c.Reason = result.Fail, c.Reason+"; "+limit
	case may:
		c.Verdict, c.Reason = result.Inconclusive, fmt.Sprintf("%s, and of %d bins do not tell; %s", c.Reason, share.Unclear, limit)
	default:
		c.Verdict = result.Pass
	}
	return c
}

// far is by how much a column that drifted is past its limit; 0: it did not drift.
func far(d drift.Decision) float64 {
	switch d.Outcome {
	case drift.Broken:
		return math.Inf(1)
	case drift.Drifted:
		return d.By.Effect / d.By.Limit
	}
	return 0
}

// farthest puts the columns that drifted first, the farthest before others.
func farthest(list []drift.Comparison, decisions []drift.Decision) ([]drift.Comparison, []drift.Decision) {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(far(decisions[b]), far(decisions[a])) })
	x, y := make([]drift.Comparison, len(list)), make([]drift.Decision, len(list))
	for k, i := range order {
		x[k], y[k] = list[i], decisions[i]
	}
	return x, y
}

var driftOutcomes = map[drift.Outcome]result.Verdict{
	drift.Stable: result.Pass, drift.Drifted: result.Fail, drift.Broken: result.Fail, drift.Unclear: result.Inconclusive, drift.Skipped: result.Skipped,
}

// column is the check of one column.
func (d *driftRun) column(x drift.Comparison, decision drift.Decision) result.Check {
	rule, at, severity := d.rule(x.Name), "drift", spec.Warn
	if rule != nil {
		at, severity = rule.At, orElse(rule.Severity, spec.Warn)
	}
	c := d.check("drift/"+slice.Encode(x.Name), severity, at)
	c.Name = d.redact(x.Name)
	c.Rows = &x.Current
	c.Verdict = driftOutcomes[decision.Outcome]
	role := d.role(x.Name)
	if role == "other" {
		role = "feature"
	}
	c.Details.Drift = d.details(x, decision, role)
	c.Evidence.Method = "none"
	if decision.By != nil {
		c.Evidence.Method = decision.By.Test
	}
	c.Reason = map[string]string{"label": "target drift: ", "prediction": "prediction drift: "}[role] + d.reason(x, decision)
	return c
}

func (d *driftRun) details(x drift.Comparison, decision drift.Decision, role string) *result.Drift {
	out := &result.Drift{Role: role, Reference: x.Reference, Current: x.Current, New: d.categories(x.New), Vanished: d.categories(x.Vanished)}
	if x.Measure != nil {
		out.Distance = distanceOf(x.Measure, decision.PAdjusted)
	}
	if x.Missing != nil {
		out.Missing = distanceOf(x.Missing, decision.MissingPAdjusted)
	}
	for _, b := range x.Bars {
		out.Bars = append(out.Bars, result.Bar{Category: d.redact(b.Category), Others: b.Others, From: b.From, To: b.To, Reference: b.Reference, Current: b.Current})
	}
	return out
}

func (d *driftRun) categories(list []profile.Category) []result.Category {
	var out []result.Category
	for _, c := range list[:min(len(list), 20)] {
		out = append(out, result.Category{Text: d.redact(c.Text), Rows: c.Rows})
	}
	return out
}

func distanceOf(m *drift.Measure, adjusted float64) *result.Distance {
	out := &result.Distance{Test: string(m.Distance), Effect: m.Effect, Limit: m.Limit, Chance: m.Chance, Method: m.Test, P: m.P, PAdjusted: adjusted}
	if m.Interval.Level > 0 {
		out.Interval = &[2]float64{m.Interval.Low, m.Interval.High}
	}
	if !m.Exact() {
		out.Bound = &[2]float64{m.Low, m.High}
	}
	return out
}

// reason says how far a column has moved, and what that looks like.
func (d *driftRun) reason(x drift.Comparison, decision drift.Decision) string {
	if x.Broken != "" {
		return x.Broken
	}
	m := decision.By
	if m == nil {
		return x.Skipped
	}
	if m.Distance == drift.Missing && decision.Outcome == drift.Drifted {
		return d.missing(x, m)
	}
	text := fmt.Sprintf("%s %s", m.Distance, short(m.Effect))
	if m.Interval.Level > 0 && decision.Outcome != drift.Stable {
		text += fmt.Sprintf(" [%s, %s]", short(m.Interval.Low), short(m.Interval.High))
	}
	switch decision.Outcome {
	case drift.Drifted:
		if d.settings.Guide {
			return text + fmt.Sprintf(", P %.2g below 0.05", m.P) + d.looks(x)
		}
		return text + " > " + short(m.Limit) + d.looks(x)
	case drift.Unclear:
		return text + fmt.Sprintf(": of what was counted in bins it lies between %s and %s, and the limit is %s", short(m.Low), short(m.High), short(m.Limit))
	}
	if m.Effect > m.Limit {
		return text + ", limit " + short(m.Limit) + ": chance explains it"
	}
	return text + ", limit " + short(m.Limit)
}

func (d *driftRun) missing(x drift.Comparison, m *drift.Measure) string {
	share := func(with, rows uint64) float64 { return 100 * (1 - float64(with)/float64(rows)) }
	return fmt.Sprintf("%.1f%% of rows have no value, of the reference %.1f%%: %.1f points apart, limit %.1f",
		share(x.Current, d.current.profile.Rows), share(x.Reference, d.reference.profile.Rows), 100*m.Effect, 100*m.Limit)
}

// looks says what moved: the mean of numbers, or the category whose share did most.
func (d *driftRun) looks(x drift.Comparison) string {
	r, c := d.reference.profile.Find(x.Name), d.current.profile.Find(x.Name)
	switch {
	case x.Kind == profile.Nested:
		return ""
	case x.Kind == profile.Time:
		day := func(n *profile.Numbers) string {
			return time.UnixMicro(int64(n.Moments.Mean())).UTC().Format(time.DateOnly)
		}
		return fmt.Sprintf("; mean %s → %s", day(r.Numbers), day(c.Numbers))
	case x.Kind == profile.Number:
		before, after := &r.Numbers.Moments, &c.Numbers.Moments
		if math.Abs(after.Mean()-before.Mean()) < before.SD()/10 {
			return fmt.Sprintf("; standard deviation %s → %s", short(before.SD()), short(after.SD()))
		}
		return fmt.Sprintf("; mean %s → %s", short(before.Mean()), short(after.Mean()))
	case len(x.New) > 0:
		names := make([]string, 0, 3)
		rows := uint64(0)
		for i, k := range x.New {
			if i < 3 {
				names = append(names, d.redact(k.Text))
			}
			rows += k.Rows
		}
		more := ""
		if len(x.New) > len(names) {
			more = fmt.Sprintf(" and %d more", len(x.New)-len(names))
		}
		return fmt.Sprintf("; new: %s%s (%.1f%% of rows)", strings.Join(names, ", "), more, 100*float64(rows)/float64(x.Current))
	}
	most := drift.Bar{}
	for _, b := range x.Bars {
		if math.Abs(b.Current-b.Reference) > math.Abs(most.Current-most.Reference) {
			most = b
		}
	}
	name := d.redact(most.Category)
	if most.Others {
		name = "other texts"
	}
	return fmt.Sprintf("; %s %.1f%% → %.1f%%", name, 100*most.Reference, 100*most.Current)
}

// short is a number in three digits.
func short(x float64) string {
	switch magnitude := math.Abs(x); {
	case x == 0:
		return "0"
	case magnitude < .001 || magnitude >= 1e9:
		return fmt.Sprintf("%.2g", x)
	case magnitude < 1:
		return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.3f", x), "0"), ".")
	case magnitude < 1000:
		return fmt.Sprintf("%.3g", x)
	}
	sign := ""
	if x < 0 {
		sign = "-"
	}
	return sign + predict.Thousands(uint64(math.Round(math.Abs(x))))
}
