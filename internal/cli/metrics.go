package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/noworse/noworse/metric"
)

// listMetrics prints the table of metrics.
func listMetrics(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "METRIC\tTASKS\tBETTER\tNEEDS\tWHAT IT SAYS")
	for _, m := range metric.All() {
		needs := "labels"
		switch {
		case m.Scores:
			needs = "scores"
		case m.Tasks[0] == metric.Regression:
			needs = "numbers"
		}
		needs = strings.Join(append([]string{needs}, m.Takes...), ", ")
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", m.Name, strings.Join(m.Tasks, ", "), m.Better, needs, m.Doc)
	}
	return t.Flush()
}
