package drift

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/noworse/noworse/stats"
)

// Span is what rows of one time, or of the reference, have in labels and predictions: their
// losses, and where there are scores, those of either class. Spans merge; the order of rows
// bears on the last digits of the mean loss alone.
type Span struct {
	Losses             stats.Moments
	positive, negative []float64
}

// AddScore takes in the chance that a model gave a row of being positive, and whether it is.
func (s *Span) AddScore(score float64, positive bool) {
	if positive {
		s.positive = append(s.positive, score)
	} else {
		s.negative = append(s.negative, score)
	}
}

// Merge takes in other rows.
func (s *Span) Merge(o *Span) {
	s.Losses.Merge(o.Losses)
	s.positive = append(s.positive, o.positive...)
	s.negative = append(s.negative, o.negative...)
}

// Area is that under the ROC curve of the scores. Undefined below two rows of a class.
func (s *Span) Area() (stats.Area, error) {
	truth := make([]bool, len(s.positive)+len(s.negative))
	for i := range s.positive {
		truth[i] = true
	}
	score := slices.Concat(s.positive, s.negative)
	d, err := stats.DeLongOf(truth, score, score)
	if err != nil {
		return stats.Area{}, err
	}
	areas, err := d.Areas()
	return areas.First(), err
}

// calibrationBins have as much of the scores' range each.
const calibrationBins = 10

// calibration is by how much scores are above the rate of positive rows, and the debiased
// root mean square of that by bins of the score; NaN where it is undefined.
func (s *Span) calibration() (above stats.Moments, root float64) {
	bins := make([]stats.CalibrationBin, calibrationBins)
	both := slices.Concat(s.positive, s.negative)
	for i, p := range both {
		outcome := 0
		if i < len(s.positive) {
			outcome = 1
		}
		if !(p >= 0 && p <= 1) {
			return stats.Moments{}, math.NaN()
		}
		above.Add(p - float64(outcome))
		b := &bins[min(int(p*calibrationBins), calibrationBins-1)]
		b.N, b.SumP, b.Outcomes = b.N+1, b.SumP+p, b.Outcomes+outcome
	}
	c, err := stats.Calibrate(bins)
	if err != nil {
		return above, math.NaN()
	}
	return above, c.Root()
}

// Unit is how long windows of time are.
type Unit string

// The units, of UTC; weeks begin on Monday.
const (
	Hour  Unit = "hour"
	Day   Unit = "day"
	Week  Unit = "week"
	Month Unit = "month"
)

// UnitOf is the one that makes some 6 to 70 windows of a span of time, in microseconds: hours
// up to three days, days up to 60, weeks up to 200, else months.
func UnitOf(first, last int64) Unit {
	const day = int64(24 * time.Hour / time.Microsecond)
	switch span := last - first; {
	case span <= 3*day:
		return Hour
	case span <= 60*day:
		return Day
	case span <= 200*day:
		return Week
	}
	return Month
}

// Start is when the window of a time begins, both in microseconds since 1970.
func (u Unit) Start(at int64) int64 {
	t := time.UnixMicro(at).UTC()
	switch u {
	case Hour:
		t = t.Truncate(time.Hour)
	case Month:
		t = time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	default:
		days := 0
		if u == Week {
			days = (int(t.Weekday()) + 6) % 7
		}
		t = time.Date(t.Year(), t.Month(), t.Day()-days, 0, 0, 0, 0, time.UTC)
	}
	return t.UnixMicro()
}

// WindowLimit is from which rise of the mean loss a window is worse, unless the user says
// otherwise: in standard deviations of the reference's losses.
const WindowLimit = .25

// WindowChange is how rows of one window of time fare, against the reference's.
type WindowChange struct {
	Start int64 // microseconds since 1970
	Rows  int
	Loss  Part
	// Change is that of the mean loss since the reference; P is one-sided, of the hypothesis
	// that it has not risen, and PAdjusted adjusted over all windows.
	Change       Part
	P, PAdjusted float64
	// Area is that under the ROC curve, AreaChange its change since the reference; NaN without scores of
	// both classes.
	Area, AreaChange Part
	// Above is by how much scores are higher than the rate of positive rows, and
	// CalibrationError the debiased root mean square of that over ten bins of the score; NaN
	// without scores from 0 to 1.
	Above            Part
	CalibrationError float64
}

// Worse says whether the window's losses have risen: by more than chance, and by more than
// matters, in standard deviations of the reference's.
func (w WindowChange) Worse(reference *Span, limit, alpha float64) bool {
	spread := math.Sqrt(reference.Losses.M2 / float64(reference.Losses.N-1))
	return w.PAdjusted <= alpha && w.Change.Value > limit*spread
}

// CompareWindows compares windows of time with the reference, in the order of time. Losses
// are compared by Welch's test, areas as independent ones, and P is adjusted by Benjamini and
// Hochberg's procedure. A window of fewer than two rows is left out. Rows must be
// independent. Undefined where the reference has fewer than two rows, or no window has two.
func CompareWindows(reference *Span, windows map[int64]*Span, level float64) ([]WindowChange, error) {
	before, err := reference.Losses.Estimate()
	if err != nil {
		return nil, err
	}
	area, areaErr := reference.Area()
	var list []WindowChange
	var ps []float64
	for start, s := range windows {
		after, err := s.Losses.Estimate()
		if errors.Is(err, stats.ErrUndefined) {
			continue
		}
		if err != nil {
			return nil, err
		}
		w := WindowChange{Start: start, Rows: s.Losses.N, Loss: partOf(after, level), Area: noPart, AreaChange: noPart, Above: noPart}
		w.change(before, after, level)
		if now, err := s.Area(); err == nil {
			w.Area = Part{now.Value, areaInterval(now, len(s.positive), len(s.negative), level)}
			if e, err := stats.UnpairedAreas(area, now); err == nil && areaErr == nil {
				w.AreaChange = partOf(e, level)
			}
		}
		above, root := s.calibration()
		w.CalibrationError = root
		if e, err := above.Estimate(); err == nil {
			w.Above = partOf(e, level)
		}
		list = append(list, w)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%w: no window of time has two rows with a label and a prediction", stats.ErrUndefined)
	}
	slices.SortFunc(list, func(a, b WindowChange) int { return cmp.Compare(a.Start, b.Start) })
	for _, w := range list {
		ps = append(ps, w.P)
	}
	adjusted, err := stats.BenjaminiHochberg(ps)
	for i := range list {
		if err == nil {
			list[i].PAdjusted = adjusted[i]
		}
	}
	return list, err
}

// change compares mean losses. Where no loss varies in either, a difference is no chance of
// which a size is known, and P is 1.
func (w *WindowChange) change(before, after stats.Estimate, level float64) {
	w.Change, w.P = Part{after.Value - before.Value, noInterval}, 1
	e, err := stats.Independent(before, after)
	if err != nil {
		return
	}
	w.Change = partOf(e, level)
	if t, err := e.Above(0); err == nil {
		w.P = t.P
	}
}

var noPart = Part{math.NaN(), noInterval}

func partOf(e stats.Estimate, level float64) Part {
	return Part{e.Value, orNoInterval(e.Interval(level))}
}
