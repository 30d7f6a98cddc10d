package gate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/noworse/noworse/drift"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/result"
)

// mostWindows are told, the last ones.
const mostWindows = 400

// byTime says how the current rows fare by time, where both tables have labels and
// predictions and the current rows have times.
func (d *driftRun) byTime(rows *driftRows) (*result.Check, error) {
	loss, times := d.lossOf(rows), find(rows.current, d.time)
	if loss == nil || !loss.labels || times == nil || times.Kind != profile.Time {
		return nil, nil
	}
	c := d.rowsCheck(idTime, "time", "Welch's test", rows.current)
	unit := unitOf(times)
	reference, windows := &drift.Span{}, map[int64]*drift.Span{}
	d.fill(rows.reference, loss, func(int) *drift.Span { return reference })
	d.fill(rows.current, loss, func(i int) *drift.Span {
		if times.Null[i] {
			return nil
		}
		start := unit.Start(int64(times.Numbers[i]))
		if windows[start] == nil {
			windows[start] = &drift.Span{}
		}
		return windows[start]
	})
	list, err := drift.CompareWindows(reference, windows, 1-d.alpha)
	if err != nil {
		return untold(c, err)
	}
	var worse []drift.WindowChange
	out := &result.Windows{Of: loss.name, Unit: string(unit), Reference: reference.Losses.Mean,
		Limit: drift.WindowLimit * math.Sqrt(reference.Losses.M2/float64(reference.Losses.N-1))}
	for _, w := range list {
		is := w.Worse(reference, drift.WindowLimit, d.alpha)
		if is {
			worse = append(worse, w)
		}
		out.Windows = append(out.Windows, windowOf(w, unit, is))
	}
	out.Windows = out.Windows[max(0, len(out.Windows)-mostWindows):]
	c.Details.Windows = out
	c.Evidence.Tests = len(list)
	judged(c, len(worse) > 0)
	value := valueOf(loss.percent)
	before := fmt.Sprintf("the %s above the reference's %s", loss.name, value(out.Reference))
	if len(worse) == 0 {
		c.Reason = fmt.Sprintf("none of %s is worse, limit %s", predict.Count(uint64(len(list)), string(unit), string(unit)+"s"), short(out.Limit))
		return c, nil
	}
	most := slices.MaxFunc(worse, func(a, b drift.WindowChange) int { return cmp.Compare(a.Loss.Value, b.Loss.Value) })
	c.Reason = fmt.Sprintf("in %d of %s is %s, most in %s: %s", len(worse), predict.Count(uint64(len(list)), string(unit), string(unit)+"s"), before, startOf(most.Start, unit), value(most.Loss.Value))
	return c, nil
}

// unitOf is that of a column's times.
func unitOf(c *profile.SampleColumn) drift.Unit {
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for i, null := range c.Null {
		if !null {
			first, last = min(first, int64(c.Numbers[i])), max(last, int64(c.Numbers[i]))
		}
	}
	if first > last {
		return drift.Month
	}
	return drift.UnitOf(first, last)
}

// fill adds the rows of a table to spans; nil: the row is in none.
func (d *driftRun) fill(s *profile.Sample, loss *loss, span func(i int) *drift.Span) {
	label, score := find(s, d.label), find(s, d.score)
	if d.score == d.answer || score != nil && score.Numbers == nil {
		score = nil // no score, but a class
	}
	for i, x := range loss.of(s) {
		if math.IsNaN(x) {
			continue
		}
		to := span(i)
		if to == nil {
			continue
		}
		to.Losses.Add(x)
		if y := labelAt(label, i); score != nil && !score.Null[i] && !math.IsNaN(score.Numbers[i]) && loss.percent {
			switch y {
			case "1", "true":
				to.AddScore(score.Numbers[i], true)
			case "0", "false":
				to.AddScore(score.Numbers[i], false)
			}
		}
	}
}

func startOf(at int64, unit drift.Unit) string {
	layout := time.DateOnly
	switch unit {
	case drift.Month:
		layout = "2006-01"
	case drift.Hour:
		layout = "2006-01-02T15:04"
	}
	return time.UnixMicro(at).UTC().Format(layout)
}

func windowOf(w drift.WindowChange, unit drift.Unit, worse bool) result.Window {
	part := func(p drift.Part) *result.Part {
		if math.IsNaN(p.Value) {
			return nil
		}
		return &result.Part{Value: p.Value, Interval: ends(p.Interval)}
	}
	return result.Window{Start: startOf(w.Start, unit), Rows: w.Rows, Value: w.Loss.Value, Interval: ends(w.Loss.Interval), Change: *part(w.Change),
		P: w.P, PAdjusted: w.PAdjusted, Worse: worse, AUC: part(w.Area), AUCChange: part(w.AreaChange), Above: part(w.Above), CalibrationError: orNone(w.CalibrationError)}
}
