package contract_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/noworse/noworse/contract"
	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/profile"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// only is the violation that a table has.
func only(t *testing.T, h contract.Holding, name contract.Name, says string) {
	t.Helper()
	v := violations(h)
	if len(v) != 1 || v[0].Name != name || !strings.Contains(v[0].Message, says) {
		t.Errorf("%+v, want %s: %s", v, name, says)
	}
}

// Of telco, 11 of 7,043 texts of TotalCharges are blank; the number is that of the data's
// own README.
func TestTelco(t *testing.T) {
	source := open(t, shared(t, "telco/churn.csv"))
	text := tableOf(t, source)
	j := text.place("TotalCharges")
	numbers := new(table)
	for i, c := range text.columns {
		if i == j {
			list := make([]float64, text.rows)
			for k, s := range text.texts[j] {
				if _, err := fmt.Sscan(s, &list[k]); err != nil {
					list[k] = math.NaN()
				}
			}
			numbers.add(floats("TotalCharges"), list, nil)
			continue
		}
		numbers.add(c, text.numbers[i], text.texts[i])
	}
	h := hold(t, numbers, source)
	only(t, h, contract.TypeChanged, `the contract says numbers, and the data have text (VARCHAR): 7,032 of 7,043 values read as numbers, and 11 do not, which are blank`)
	if v := violations(hold(t, source, source)); len(v) > 0 {
		t.Errorf("%+v", v)
	}
	c := contract.Infer(build(t, source, profile.Options{}), contract.Facts{})
	if said := c.Text("churn.csv", 7043); !strings.Contains(said, "    type: text  # 7,032 of 7,043 texts read as numbers, 11 are blank\n") {
		t.Error(said)
	}
}

// Categories of adult with a space before them, as the original file has them.
func TestAdultWithSpaces(t *testing.T) {
	plain := tableOf(t, open(t, shared(t, "adult/adult.parquet")))
	spaced := &table{columns: plain.columns, numbers: plain.numbers, nulls: plain.nulls, rows: plain.rows}
	texts := 0
	for _, list := range plain.texts {
		if list != nil {
			list = rewritten(list, func(x string) string { return " " + x })
			texts++
		}
		spaced.texts = append(spaced.texts, list)
	}
	for _, pair := range [][2]*table{{plain, spaced}, {spaced, plain}} {
		v := violations(hold(t, pair[0], pair[1]))
		if len(v) != texts {
			t.Errorf("%d violations, want one for each of %d columns of texts", len(v), texts)
		}
		for _, one := range v {
			if one.Name != contract.Recoded || !strings.Contains(one.Message, "its categories differ from the reference's in spaces around them: ") {
				t.Errorf("%+v", one)
			}
		}
	}
}

// Real tables keep their own contracts, and later rows break them where they should.
func TestRealTables(t *testing.T) {
	taxi := open(t, shared(t, "taxi/taxi.parquet"))
	if v := violations(hold(t, taxi, taxi)); len(v) > 0 {
		t.Errorf("taxi: %+v", v)
	}
	bike := tableOf(t, open(t, shared(t, "bike/hour.csv")))
	var years [2][]int
	for i, year := range bike.numbers[bike.place("yr")] {
		years[int(year)] = append(years[int(year)], i)
	}
	h := hold(t, bike.pick(years[0]), bike.pick(years[1]))
	broken := map[string]contract.Name{}
	for _, v := range violations(h) {
		broken[v.Column] = v.Name
	}
	for _, c := range []string{"yr", "cnt", "registered"} {
		if broken[c] != contract.OutOfRange {
			t.Errorf("bike, %s: %q", c, broken[c])
		}
	}
	for _, c := range []string{"season", "mnth", "hr", "weekday", "workingday", "holiday", "temp", "hum", "instant"} {
		if broken[c] != "" {
			t.Errorf("bike, %s: %s", c, broken[c])
		}
	}
}

// Columns of every odd kind have a sensible answer.
func TestOddColumns(t *testing.T) {
	var text strings.Builder
	for i := range 300 {
		fmt.Fprintf(&text, `{"none": null, "one": 7, "id": "k%x", "mixed": %s, "date": "2024-01-%02d", "list": [%d], "map": {"a": %d}, "word": "%s"}`+"\n",
			i*7919, []string{"1", `"x"`, "2.5"}[i%3], i%28+1, i, i, []string{"a", "b"}[i%2])
	}
	source := open(t, write(t, "odd.jsonl", text.String()))
	h := hold(t, source, source)
	if v := violations(h); len(v) > 0 {
		t.Errorf("%+v", v)
	}
	skipped := map[string]string{}
	for _, c := range h.Columns {
		skipped[c.Name] = c.Skipped
	}
	for name, want := range map[string]string{"none": "no row has a value", "one": "", "id": "", "mixed": "", "date": "", "list": "", "word": ""} {
		if got := skipped[name]; !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: skipped for %q, want %q", name, got, want)
		}
	}
}

func TestOneRow(t *testing.T) {
	one := open(t, write(t, "one.csv", "a,b\n1,x\n"))
	more := open(t, write(t, "more.csv", "a,b\n1,x\n2,y\n3,\n"))
	for _, pair := range [][2]dataset.Source{{one, one}, {one, more}, {more, one}} {
		if v := violations(hold(t, pair[0], pair[1])); len(v) > 0 {
			t.Errorf("%+v", v)
		}
	}
}

func TestNoRows(t *testing.T) {
	none, some := new(table), new(table)
	none.add(floats("a"), []float64{}, nil)
	some.add(floats("a"), []float64{1, 2}, nil)
	only(t, hold(t, some, none), contract.RowCount, "0 rows, and the contract wants at least 1")
	if v := violations(hold(t, none, some)); len(v) > 0 {
		t.Errorf("%+v", v)
	}
}

func TestManyCategories(t *testing.T) {
	rows := 400_000
	texts := make([]string, rows)
	for i := range texts {
		texts[i] = fmt.Sprintf("%x", uint64(i+1)*0x9e3779b97f4a7c15)
	}
	was, now := new(table), new(table)
	was.add(words("x"), nil, texts[:rows/2])
	now.add(words("x"), nil, texts[rows/2:])
	if v := violations(hold(t, was, now)); len(v) > 0 {
		t.Errorf("%+v", v)
	}
	now = new(table)
	now.add(words("x"), nil, append(texts[rows/2:], texts[rows-1]))
	only(t, hold(t, was, now), contract.NotUnique, "200,001 values, of which 200,000 are different")
}

func TestColumnsThatCome(t *testing.T) {
	was, now := new(table), new(table)
	was.add(floats("a"), []float64{1, 2}, nil)
	was.add(floats("label"), []float64{0, 1}, nil)
	now.add(floats("A"), []float64{1, 2}, nil)
	reference := build(t, was, profile.Options{})
	c := contract.Infer(reference, contract.Facts{Labels: []string{"label"}})
	current := contract.Current{Profile: build(t, now, profile.Options{Like: reference, Allowed: c.Allowed()}), Serving: true}
	h := c.Hold(reference, current)
	if h.Columns[0].Violations[0].Name != contract.MissingColumn || !strings.Contains(h.Columns[0].Violations[0].Message, `they have "A", which may be it`) {
		t.Errorf("%+v", h.Columns[0])
	}
	if h.Columns[1].Skipped != "it is not there, and need not be (serving)" {
		t.Errorf("%+v", h.Columns[1])
	}
	if !h.Columns[2].New || h.Columns[2].Violations[0].Name != contract.NewColumn {
		t.Errorf("%+v", h.Columns[2])
	}
	current.Serving = false
	if h = c.Hold(reference, current); len(h.Columns[1].Violations) != 1 || h.Columns[1].Violations[0].Name != contract.MissingColumn {
		t.Errorf("in training: %+v", h.Columns[1])
	}
}

func TestAgeAndOrder(t *testing.T) {
	now := new(table)
	now.add(times("at"), []float64{0, day, 3 * day}, nil)
	p := build(t, now, profile.Options{})
	c := contract.Contract{Columns: []contract.Column{{Name: "at", Required: contract.Always, Nulls: 1, Fresh: 48 * time.Hour, Ascending: true}}}
	current := contract.Current{Profile: p, Now: time.Unix(5*86400, 0), Descents: map[string]contract.Descent{"at": {}}}
	if v := violations(c.Hold(nil, current)); len(v) > 0 {
		t.Errorf("%+v", v)
	}
	current.Now = current.Now.Add(time.Second)
	only(t, c.Hold(nil, current), contract.Stale, "the newest is 1970-01-04 00:00:00, 2 days ago, and the contract allows 2 days")
	current.Now, current.Descents["at"] = time.Unix(0, 0), contract.Descent{Rows: 3, First: 1}
	only(t, c.Hold(nil, current), contract.NotOrdered, "3 are before the row above, the first in row 2")
}

func TestOrderOfRunsThatComeInAny(t *testing.T) {
	values := []int64{1, 2, 2, 5, 4, 4, 7, 0, 9}
	missing := map[int64]bool{3: true, 7: true}
	null := func(places []int64) func(int) bool { return func(i int) bool { return missing[places[i]] } }
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		orders := [2]contract.Order{}
		var cuts [][2]int
		for from := 0; from < len(values); {
			to := min(len(values), from+1+r.IntN(4))
			cuts = append(cuts, [2]int{from, to})
			from = to
		}
		r.Shuffle(len(cuts), func(i, j int) { cuts[i], cuts[j] = cuts[j], cuts[i] })
		for _, c := range cuts {
			var places []int64
			for i := c[0]; i < c[1]; i++ {
				places = append(places, int64(i))
			}
			orders[r.IntN(2)].Add(places, values[c[0]:c[1]], null(places))
		}
		orders[0].Merge(&orders[1])
		if d := orders[0].Descent(); d.Rows != 0 {
			t.Errorf("%v: %+v", cuts, d)
		}
	}
	var o contract.Order
	o.Add([]int64{0, 1, 2, 3}, []int64{3, 2, 5, 4}, func(int) bool { return false })
	o.Add([]int64{4, 5}, []int64{3, 3}, func(int) bool { return false })
	if d := o.Descent(); d != (contract.Descent{Rows: 3, First: 1}) {
		t.Errorf("%+v", d)
	}
}

// What the contract says itself is held to the letter: no share is allowed unless it says so.
func TestLimitsThatAreWritten(t *testing.T) {
	now := new(table)
	now.add(floats("x"), []float64{1, 2, 3, math.NaN(), 11}, nil)
	c := contract.Contract{Columns: []contract.Column{{Name: "x", Type: profile.Number, Required: contract.Always, Nulls: .2, Range: &[2]float64{0, 10}}}}
	held := func() contract.Holding {
		return c.Hold(nil, contract.Current{Profile: build(t, now, profile.Options{Allowed: c.Allowed()})})
	}
	only(t, held(), contract.OutOfRange, "1 of 4 values is out of 0 to 10, up to 11 (25 %), and the contract allows 0 %")
	c.Columns[0].Range, c.Columns[0].Nulls = nil, 0
	only(t, held(), contract.NullRate, "1 of 5 rows has no value (20 %), and the contract allows 0 %")
}

// Other people, other months, other payments: real rows that differ are no change of
// meaning.
func TestRealDriftIsNoChangeOfMeaning(t *testing.T) {
	for _, c := range []struct{ file, by, was, now string }{
		{"adult/adult.parquet", "sex", "Female", "Male"},
		{"taxi/taxi.parquet", "payment_type", "Cash", "Credit Card"},
		{"telco/churn.csv", "Contract", "Month-to-month", "Two year"},
		{"bike/hour.csv", "mnth", "1", "7"},
		{"bike/hour.csv", "mnth", "7", "1"},
		{"bike/hour.csv", "yr", "0", "1"},
	} {
		all := tableOf(t, open(t, shared(t, c.file)))
		rows := map[string][]int{}
		j := all.place(c.by)
		for i := range all.rows {
			value := ""
			if all.numbers[j] != nil {
				value = fmt.Sprint(all.numbers[j][i])
			} else {
				value = all.texts[j][i]
			}
			rows[value] = append(rows[value], i)
		}
		for _, v := range violations(hold(t, all.pick(rows[c.was]), all.pick(rows[c.now]))) {
			switch v.Name {
			case contract.OutOfRange, contract.NewCategory, contract.NullRate, contract.AgainstPattern:
			default:
				t.Errorf("%s, %s %s to %s: %+v", c.file, c.by, c.was, c.now, v)
			}
		}
	}
}
