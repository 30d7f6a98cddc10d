package contract

import (
	"fmt"
	"time"

	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/stats"
)

// findZones looks for times whose hours of the day are moved by the same.
func (h *holder) findZones() {
	for _, now := range h.Profile.Columns {
		was := h.reference.Find(now.Name)
		c := h.contract.Find(now.Name)
		if was == nil || c == nil || c.Ignore || was.Kind != profile.Time || now.Kind != profile.Time || len(h.meanings[now.Name]) > 0 {
			continue
		}
		if v := zoneShift(now.Name, was.Numbers, now.Numbers); v != nil {
			h.meanings[now.Name] = []Violation{*v}
		}
	}
}

// zoneShift finds by how many quarters of an hour the day of the times is moved.
func zoneShift(column string, was, now *profile.Numbers) *Violation {
	if was.Finite() < fewestSeen || now.Finite() < fewestSeen {
		return nil
	}
	before := daysApart(was, now, 0)
	if !(before.p < 1e-6) || before.apart-before.mean < .03 {
		return nil
	}
	best, after := 0, before
	// Whole hours first, and the shorter way round: of two that fit alike, it is that.
	for _, step := range []int{4, 2, 1} {
		for by := step; by <= profile.Quarters/2; by += step {
			for _, shift := range []int{by, -by} {
				if d := daysApart(was, now, shift); d.statistic < after.statistic-1e-9 {
					best, after = shift, d
				}
			}
		}
	}
	if after.p < .001 && after.statistic > before.statistic/10 {
		return nil
	}
	by := time.Duration(best) * 15 * time.Minute
	way, undo := "later", "-"
	if by < 0 {
		by, way, undo = -by, "earlier", "+"
	}
	length := hours(by)
	return &Violation{Name: TimeZone, Column: column, Undo: fmt.Sprintf("x %s %s", undo, length), Distance: &Distance{before.apart, after.apart, after.chance()},
		Message: fmt.Sprintf("its times are %s %s in the day than they were, as in another time zone: x %s %s makes the reference's of them", length, way, undo, length)}
}

func hours(d time.Duration) string {
	if d%time.Hour == 0 {
		return plural(uint64(d/time.Hour), "hour", "hours")
	}
	return fmt.Sprintf("%d:%02d hours", d/time.Hour, d%time.Hour/time.Minute)
}

// days is how far the days of two columns are apart.
type days struct {
	gap
	statistic, p float64 // by chi-square
}

// daysApart compares days, the second's moved back by quarters of an hour.
func daysApart(was, now *profile.Numbers, shift int) days {
	var d days
	n, m := float64(was.Finite()), float64(now.Finite())
	a, b := make([]float64, profile.Quarters), make([]float64, profile.Quarters)
	for i := range was.Quarters {
		a[i], b[i] = float64(was.Quarters[i]), float64(now.Quarters[(i+shift+profile.Quarters)%profile.Quarters])
		d.add(a[i]/n, b[i]/m, n, m)
	}
	t, err := stats.ChiSquare(a, b)
	d.statistic, d.p = t.Statistic, t.P
	if err != nil { // one quarter has all: there is no difference
		d.statistic, d.p = 0, 1
	}
	return d
}

func timeText(microseconds float64) string {
	return time.UnixMicro(int64(microseconds)).UTC().Format("2006-01-02 15:04:05")
}
