package gate_test

import (
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
)

// TestTooManyToHold: what would take more memory than is allowed is refused
// with its place, never worked out by half.
func TestTooManyToHold(t *testing.T) {
	dir := write(t, map[string]string{
		"classes.csv": "y,a,b,c\n" + strings.Repeat("a,0.5,0.3,0.2\nb,0.1,0.6,0.3\nc,0.2,0.2,0.6\n", 4),
		"numbers.csv": "y,p\n" + strings.Repeat("1,2\n3,3\n", 6),
	})
	multiclass := `version: 1
task: multiclass
data: {eval: {path: classes.csv, label: y}}
candidate: {predictions: {scores: {a: a, b: b, c: c}}}
metrics: {RULE}
`
	regression := `version: 1
task: regression
data: {eval: {path: numbers.csv, label: y}}
candidate: {predictions: {label: p}}
metrics: {median_absolute_error: {max: 1}}
`
	for _, c := range []struct {
		spec, rule string
		exact      uint64
		message    string
	}{
		{multiclass, "roc_auc_ovr_macro: {min: 0.1}", 2, "noworse.yaml:5:11: roc_auc_ovr_macro puts probabilities in order: 12 rows with 3 probabilities are more than 32 numbers"},
		{multiclass, "roc_auc_ovr_macro: {min: 0.1}", 3, ""},
		{multiclass, "roc_auc: {class: a, min: 0.1}", 1, ""},
		{multiclass, "accuracy: {min: 0.1}", 1, ""},
		{regression, "", 11, "noworse.yaml:5:11: median_absolute_error puts the errors of all rows in order, and 12 rows are more than 11"},
		{regression, "", 12, ""},
	} {
		_, err := check(t, dir, strings.Replace(c.spec, "RULE", c.rule, 1), gate.Options{MaxExact: c.exact})
		switch {
		case c.message == "" && err != nil:
			t.Errorf("%s of %d: %v", c.rule, c.exact, err)
		case c.message != "" && (err == nil || !strings.Contains(err.Error(), c.message)):
			t.Errorf("%s of %d: %v, want %s", c.rule, c.exact, err, c.message)
		}
	}
}
