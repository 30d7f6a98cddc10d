package noworse_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noworse/noworse"
	"github.com/noworse/noworse/guess"
)

// TestGuessesOnRealData guesses a spec for each set of shared/data. Where there
// are predictions the spec must check; where there are none, that is what must
// be said, with the label guessed all the same.
func TestGuessesOnRealData(t *testing.T) {
	data, err := filepath.Abs(filepath.Join("..", "shared", "data"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(data); err != nil {
		t.Skip("the shared data is not here: this trial on real data is left out")
	}
	at := func(name string) string { return filepath.Join(data, filepath.FromSlash(name)) }
	for _, c := range []struct {
		name, task, label, positive, id string
		candidate, baseline             string // columns
		slices                          string
		files                           noworse.Files
		missing                         string
	}{
		{name: "acsincome", task: "binary", label: "PINCP", positive: "1", id: "index", candidate: "predictions", baseline: "predictions",
			slices: "SEX RAC1P COW MAR",
			files:  noworse.Files{Data: at("acsincome/eval.parquet"), Candidate: at("acsincome/oversampling60.parquet"), Baseline: at("acsincome/lgbm57.parquet")}},
		{name: "adult", task: "binary", label: "class", positive: ">50K", files: noworse.Files{Data: at("adult/adult.parquet")}, missing: "the candidate"},
		{name: "asah", task: "binary", label: "outcome", positive: "Poor", files: noworse.Files{Data: at("asah/asah.csv")}, missing: "the candidate"},
		{name: "bike", task: "regression", label: "cnt", id: "instant", files: noworse.Files{Data: at("bike/hour.csv")}, missing: "the candidate"},
		{name: "california without labels", id: "id", files: noworse.Files{Data: at("california/analysis.csv")}, missing: "the label"},
		{name: "california", task: "binary", label: "clf_target", positive: "1", id: "id", candidate: "y_pred y_pred_proba",
			files: noworse.Files{Data: at("california/analysis.csv"), Joins: []string{at("california/analysis_labels.csv")}}},
		{name: "california reference", task: "binary", label: "clf_target", positive: "1", id: "id", candidate: "y_pred y_pred_proba",
			files: noworse.Files{Data: at("california/reference.csv")}},
		{name: "compas", task: "binary", label: "label_value", positive: "1", id: "entity_id", candidate: "score", slices: "race sex age_cat",
			files: noworse.Files{Data: at("compas/compas.csv")}},
		{name: "taxi", task: "regression", label: "tips", files: noworse.Files{Data: at("taxi/taxi.parquet")}, missing: "the candidate"},
		{name: "telco", task: "binary", label: "Churn", positive: "Yes", id: "customerID", files: noworse.Files{Data: at("telco/churn.csv")}, missing: "the candidate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := noworse.Guess(t.Context(), c.files, guess.Input{}, noworse.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for what, pair := range map[string][2]string{
				"task": {d.Task.Value, c.task}, "label": {d.Label.Value, c.label}, "positive": {d.Positive.Value, c.positive}, "id": {d.ID.Value, c.id},
				"candidate": {answers(d.Candidate), c.candidate}, "baseline": {answers(d.Baseline), c.baseline}, "missing": {missing(d), c.missing},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
				}
			}
			if c.missing != "" {
				return
			}
			if got := by(d); got != c.slices {
				t.Errorf("slices: %q, want %q", got, c.slices)
			}
			checks(t, d)
		})
	}
}

func answers(m *guess.Model) string {
	if m == nil {
		return ""
	}
	return strings.TrimSpace(m.Label.Value + " " + m.Score.Value)
}

func missing(d *guess.Draft) string {
	var list []string
	for _, m := range d.Missing {
		list = append(list, m.What)
	}
	return strings.Join(list, ", ")
}

func by(d *guess.Draft) string {
	var list []string
	for _, s := range d.By {
		list = append(list, s.Columns...)
	}
	return strings.Join(list, " ")
}

// checks writes a draft and checks it as a user would: no check may be an error.
func checks(t *testing.T, d *guess.Draft) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "noworse.yaml")
	text, _, err := noworse.Settle(t.Context(), d, path, noworse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := noworse.Load(path)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	r, err := noworse.Check(t.Context(), s, noworse.Options{})
	if err != nil || r.Counts.Error > 0 || (d.Baseline == nil) != (r.Exit == 3) {
		t.Errorf("%v: %+v\n%s", err, r, text)
	}
}
