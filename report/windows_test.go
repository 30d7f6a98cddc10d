package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/noworse/noworse/report"
	"github.com/noworse/noworse/result"
)

// overTime is a result with one check, of how a model fares by month.
func overTime(areas bool) *result.Result {
	w := &result.Windows{Of: "share of wrong rows", Unit: "month", Limit: .1, Reference: .2, Windows: []result.Window{
		{Start: "2024-01", Rows: 1200, Value: .1875, Interval: &[2]float64{.15, .2325}},
		{Start: "2024-02", Rows: 90, Value: .5, Interval: &[2]float64{.4, .6}, Worse: true},
		{Start: "2024-03", Rows: 3, Value: 0},
	}}
	if areas {
		w.Windows[0].AUC = &result.Part{Value: .9128, Interval: &[2]float64{.9, .9251}}
	}
	rows := uint64(1293)
	r := &result.Result{Name: "drift", Data: result.Data{Reference: &result.Table{Path: "train.csv", Rows: 9}, Current: &result.Table{Path: "week.csv", Rows: 1293}},
		Checks: []result.Check{{ID: "drift:time", Kind: "drift", Name: "time", Severity: "warn", Rows: &rows, Verdict: result.Fail, Reason: "in 1 of 3 months", Details: result.Details{Windows: w}}}}
	r.Finish()
	return r
}

func TestWindows(t *testing.T) {
	for _, c := range []struct {
		areas bool
		width int
		want  string
	}{
		{false, 80, `
      month     rows  share of wrong rows
      2024-01  1,200                18.8%  [15.0%, 23.2%]
      2024-02     90                50.0%  [40.0%, 60.0%]  worse
      2024-03      3                 0.0%
`},
		{true, 100, `
      month     rows  share of wrong rows                    AUC
      2024-01  1,200                18.8%  [15.0%, 23.2%]  0.913  [0.900, 0.925]
      2024-02     90                50.0%  [40.0%, 60.0%]                         worse
      2024-03      3                 0.0%
`},
		{true, 72, `
      month     rows  share of wrong rows                    AUC
      2024-01  1,200                18.8%  [15.0%, 23.2%]  0.913
      2024-02     90                50.0%  [40.0%, 60.0%]         worse
      2024-03      3                 0.0%
`},
	} {
		var b bytes.Buffer
		if err := report.Text(&b, overTime(c.areas), report.Options{Width: c.width}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), c.want[1:]) {
			t.Errorf("at %d columns:\n%s\nwant in it:\n%s", c.width, &b, c.want)
		}
	}
	var b bytes.Buffer
	if err := report.Markdown(&b, overTime(true), func(string) bool { return false }); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<details><summary>Over time: share of wrong rows, by month</summary>",
		"| 2024-02 | 90 | 50.0% | \\[40.0%, 60.0%&#8203;\\] |  |  | worse |", `| 0.913 | \[0.900, 0.925\] |`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, &b)
		}
	}
}
