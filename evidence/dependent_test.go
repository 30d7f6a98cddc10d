package evidence

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/noworse/noworse/internal/gatetest/oracle"
)

// bruteForce is testdata/dependent.json: numbers of numpy 2.4.6 and scikit-learn
// 1.9.1, written by testdata/dependent.py.
type bruteForce struct {
	// Tables are, by what is asked and metric: the value and its standard error, the
	// change and its standard error.
	Tables map[string]map[string][4]float64
}

func readBruteForce(t *testing.T, text []byte) bruteForce {
	t.Helper()
	var b bruteForce
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

func byBruteForce(t *testing.T, table string) map[string][4]float64 {
	t.Helper()
	text, err := os.ReadFile("testdata/dependent.json")
	if err != nil {
		t.Fatal(err)
	}
	rows := readBruteForce(t, text).Tables[table]
	if len(rows) == 0 {
		t.Fatalf("no table %q", table)
	}
	return rows
}

// TestReferencesByBruteForce works them out again, where scikit-learn is installed.
func TestReferencesByBruteForce(t *testing.T) {
	out, err := exec.Command(oracle.Python(t), "-I", "testdata/dependent.py").Output()
	if err != nil {
		t.Fatal(err)
	}
	for table, rows := range readBruteForce(t, out).Tables {
		kept := byBruteForce(t, table)
		if len(rows) != len(kept) {
			t.Errorf("%s: %d rows are kept, %d are found", table, len(kept), len(rows))
		}
		for name, numbers := range rows {
			for i, x := range numbers {
				if !near(kept[name][i], x, 1e-10) {
					t.Errorf("%s of %s: testdata/dependent.json has %v, found %v", table, name, kept[name], numbers)
				}
			}
		}
	}
}

// dependentRows are those of testdata/dependent.py.
func dependentRows() []grouped {
	right := func(is bool, y int) int {
		if is {
			return y
		}
		return 1 - y
	}
	rows := make([]grouped, 72)
	for i := range rows {
		g, y := i*i%37, 0
		if i*7%3 == 0 {
			y = 1
		}
		rows[i] = grouped{row{y, right((i*37+11)%101 < 80, y), right((i*53+5+g)%97 < 80, y)}, uint64(g), float64(1 + i%4)}
	}
	return rows
}

// dependentNumbers are those of a regression, and dependentScores the probabilities
// of a positive row, of the same rows.
func dependentNumbers() []number {
	rows := make([]number, 72)
	for i, r := range dependentRows() {
		g := int(r.group)
		y := 1 + float64(i*29%17+g%7)/3
		rows[i] = number{y, y * (.8 + float64(i*13%11+g%5)/40), y * (.8 + float64(i*7%13+g%6)/36), r.weight}
	}
	return rows
}

func dependentScores() (candidate, baseline []float64) {
	for i, r := range dependentRows() {
		y, g := float64(r.label), int(r.group)
		candidate = append(candidate, float64((i*37+11)%101)/102*.6+.3*y)
		baseline = append(baseline, float64((i*53+5+g)%97)/98*.6+.25*y)
	}
	return candidate, baseline
}
