package drift_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noworse/noworse/drift"
	"github.com/noworse/noworse/profile"
)

// months are the rows of a CSV file, a file for each month of a column of times.
func months(t *testing.T, path, column string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	at := -1
	for i, name := range strings.Split(lines[0], ",") {
		if name == column {
			at = i
		}
	}
	var order []string
	rows := map[string][]string{}
	for _, line := range lines[1:] {
		month := strings.Split(line, ",")[at][:len("2021-06")]
		if rows[month] == nil {
			order = append(order, month)
		}
		rows[month] = append(rows[month], line)
	}
	var files []string
	for _, month := range order {
		file := filepath.Join(t.TempDir(), month+".csv")
		if err := os.WriteFile(file, []byte(lines[0]+"\n"+strings.Join(rows[month], "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// The mean over 20 months, those of the reference among them, of the KS distance to the whole reference: design/statistics.md,
// which had it recomputed with scipy.
func TestCaliforniaByMonth(t *testing.T) {
	train := shared(t, "data/california/reference.csv")
	reference := build(t, open(t, train), profile.Options{})
	want := map[string]float64{"Longitude": .712709, "Latitude": .672904, "HouseAge": .201638, "MedInc": .154952, "Population": .073562}
	sums := map[string]float64{}
	files := append(months(t, train, "timestamp"), months(t, shared(t, "data/california/analysis.csv"), "timestamp")...)
	if len(files) != 20 {
		t.Fatalf("%d months", len(files))
	}
	for _, file := range files {
		current := build(t, open(t, file), profile.Options{Like: reference})
		for name := range want {
			sums[name] += drift.Compare(reference.Find(name), current.Find(name), reference.Rows, current.Rows, drift.Rule{Level: .95}).Measure.Effect
		}
	}
	for name, w := range want {
		near(t, name, sums[name]/float64(len(files)), w, 5e-7)
	}
}

// All months together: the two columns of the place drift most.
func TestCaliforniaAsAWhole(t *testing.T) {
	reference := build(t, open(t, shared(t, "data/california/reference.csv")), profile.Options{})
	current := build(t, open(t, shared(t, "data/california/analysis.csv")), profile.Options{Like: reference})
	var list []drift.Comparison
	for _, name := range []string{"MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude"} {
		list = append(list, drift.Compare(reference.Find(name), current.Find(name), reference.Rows, current.Rows, drift.Rule{Level: .95}))
	}
	decisions, err := drift.Decide(list, drift.Policy{Alpha: .05, MaxShare: .3})
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range decisions {
		if far := list[i].Name == "Latitude" || list[i].Name == "Longitude"; far != (d.Outcome == drift.Drifted && d.By.Effect > .5) {
			t.Errorf("%s: outcome %d, %v", list[i].Name, d.Outcome, d.By.Effect)
		}
	}
}

// Bikes of 2011 against those of 2012: more are taken, in much the same weather.
func TestBikesByYear(t *testing.T) {
	path := shared(t, "data/bike/hour.csv")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	year := func(prefix string) string {
		text := lines[0]
		for _, line := range lines[1:] {
			if strings.Contains(line, ","+prefix+"-") {
				text += line
			}
		}
		file := filepath.Join(t.TempDir(), prefix+".csv")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	got := compare(t, year("2011"), year("2012"), drift.Rule{})
	for _, name := range []string{"cnt", "registered", "casual", "dteday", "instant", "yr"} {
		if m := got[name].Measure; m.Effect <= m.Limit || m.P > 1e-6 {
			t.Errorf("%s has not drifted: %v, P %v", name, m.Effect, m.P)
		}
	}
	for _, name := range []string{"season", "mnth", "hr", "weekday", "holiday", "workingday", "weathersit", "windspeed", "temp"} {
		if m := got[name].Measure; m.Effect > m.Limit {
			t.Errorf("%s has drifted: %v", name, m.Effect)
		}
	}
}
