package report

import (
	"fmt"
	"strings"

	"github.com/noworse/noworse/result"
)

// mostWindows are shown on a terminal: the last ones.
const mostWindows = 24

// windows writes how a model fares over time, a line for each window.
func (p *printer) windows(c *result.Check) {
	w := c.Details.Windows
	list := w.Windows[max(0, len(w.Windows)-mostWindows):]
	rows := [][]string{{w.Unit, "rows", w.Of, ""}}
	areas := false
	for _, x := range list {
		areas = areas || x.AUC != nil
	}
	if areas {
		rows[0] = append(rows[0], "AUC", "")
	}
	for _, x := range list {
		value, interval := windowValue(w, x.Value), windowInterval(w, x.Interval)
		row := []string{clean(x.Start), count(uint64(x.Rows)), value, interval}
		if areas {
			row = append(row, partValue(x.AUC), partInterval(x.AUC))
		}
		if x.Worse {
			row = append(row, "worse")
		}
		rows = append(rows, row)
	}
	widths := make([]int, len(rows[0])+1)
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], width(cell))
		}
	}
	for _, hidden := range []int{5, 3} { // intervals, where there is no room for them
		if hidden < len(widths)-1 && tableWidth(widths) > p.Width-p.pad {
			widths[hidden] = 0
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			switch {
			case widths[i] == 0:
			case i == 0 || i == len(widths)-1 || i > 1 && i%2 == 1:
				line.WriteString(left(cell, widths[i]) + gap)
			default:
				line.WriteString(right(cell, widths[i]) + gap)
			}
		}
		p.line(p.indent() + p.paint(faint, cut(strings.TrimRight(line.String(), " "), p.Width-p.pad, p.dots())))
	}
	if rest := len(w.Windows) - len(list); rest > 0 {
		p.line(p.indent() + p.paint(faint, count(uint64(rest))+" earlier ones are in --json"))
	}
}

func tableWidth(widths []int) int {
	n := 0
	for _, w := range widths {
		if w > 0 {
			n += w + len(gap)
		}
	}
	return n - len(gap)
}

// windowTables are the same, a table for each check.
func (m *page) windowTables(checks []result.Check) {
	for i := range checks {
		w := checks[i].Details.Windows
		if w == nil {
			continue
		}
		m.fold("Over time: " + prose(clean(w.Of)) + ", by " + w.Unit)
		m.block("| "+w.Unit+" | rows | "+prose(clean(w.Of))+" | | AUC | | |", "|:--|--:|--:|:--|--:|:--|:--|")
		m.list(len(w.Windows), func(i int) string {
			x := w.Windows[i]
			worse := ""
			if x.Worse {
				worse = "worse"
			}
			return "| " + strings.Join([]string{prose(clean(x.Start)), count(uint64(x.Rows)), windowValue(w, x.Value), prose(windowInterval(w, x.Interval)),
				partValue(x.AUC), prose(partInterval(x.AUC)), worse}, " | ") + " |"
		})
		m.unfold()
	}
}

// windowValue is a share of rows in percent, or another number.
func windowValue(w *result.Windows, v float64) string {
	if strings.HasPrefix(w.Of, "share of") {
		return fmt.Sprintf("%.1f%%", 100*v)
	}
	return fmt.Sprintf("%.4g", v)
}

func windowInterval(w *result.Windows, in *[2]float64) string {
	if in == nil {
		return ""
	}
	return "[" + windowValue(w, in[0]) + ", " + windowValue(w, in[1]) + "]"
}

func partValue(p *result.Part) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%.3f", p.Value)
}

func partInterval(p *result.Part) string {
	if p == nil || p.Interval == nil {
		return ""
	}
	return fmt.Sprintf("[%.3f, %.3f]", p.Interval[0], p.Interval[1])
}
