package contract_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noworse/noworse/contract"
	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/dataset/duckdb"
)

func shared(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not on this machine", path)
	}
	return path
}

func open(t *testing.T, path string) dataset.Source {
	t.Helper()
	s, err := duckdb.Open(context.Background(), dataset.Layout{Eval: dataset.Table{At: "data", Path: path}}, duckdb.Options{Threads: 2, Memory: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// rounds are many where NOWORSE_LONG is set, else few.
func rounds(t *testing.T, few, many int) int {
	if os.Getenv("NOWORSE_LONG") != "" {
		return many
	}
	t.Logf("%d rounds; NOWORSE_LONG=1 does %d", few, many)
	return few
}

// Halves of one table keep each other's contract in 95 of 100 splits.
func TestHalvesOfAdult(t *testing.T) {
	all := tableOf(t, open(t, shared(t, "adult/adult.parquet")))
	splits := rounds(t, 8, 200)
	broken := 0
	for k := range splits {
		order := rand.New(rand.NewPCG(uint64(k), 7)).Perm(all.rows)
		if v := violations(hold(t, all.pick(order[:all.rows/2]), all.pick(order[all.rows/2:]))); len(v) > 0 {
			broken++
			t.Logf("split %d: %s %s: %s", k, v[0].Column, v[0].Name, v[0].Message)
		}
	}
	t.Logf("%d of %d splits broken", broken, splits)
	if broken*20 > splits {
		t.Errorf("%d of %d splits broken", broken, splits)
	}
}

// twenty is rows of 20 columns: numbers of ten shapes, some with nulls, times, and texts.
func twenty(r *rand.Rand, rows int) *table {
	to := new(table)
	for i, s := range shapes {
		column := floats(s.name)
		if s.whole {
			column = wholes(s.name)
		}
		numbers := drawn(r, rows, s.draw)
		for k := range numbers {
			if i%3 == 0 && r.Float64() < .01*float64(i) {
				numbers[k] = math.NaN()
			}
		}
		to.add(column, numbers, nil)
	}
	to.add(times("when"), drawn(r, rows, rhythm), nil)
	to.add(times("date"), drawn(r, rows, func(r *rand.Rand) float64 { return day * math.Floor(19000+400*r.Float64()) }), nil)
	to.add(wholes("id"), drawn(r, rows, func(r *rand.Rand) float64 { return math.Floor(1e15 * r.Float64()) }), nil)
	to.add(wholes("code"), drawn(r, rows, func(r *rand.Rand) float64 { return math.Floor(5 * r.Float64() * r.Float64()) }), nil)
	to.add(words("tier"), nil, drawnTexts(r, rows, []string{"free", "basic", "pro", "team", "enterprise"}))
	to.add(words("rare"), nil, drawnTexts(r, rows, strings.Split(strings.Repeat("abcdefghijklmnopqrst", 1), "")))
	key := make([]string, rows)
	name := make([]string, rows)
	free := make([]string, rows)
	flag := make([]string, rows)
	for i := range key {
		key[i] = fmt.Sprintf("AB-%06d", r.IntN(1e6))
		name[i] = fmt.Sprintf("user%d", int(1e5*r.ExpFloat64()))
		free[i] = strings.Repeat("some words, ", r.IntN(6)) + fmt.Sprint(r.Uint64())
		flag[i] = fmt.Sprint(r.Float64() < .3)
	}
	to.add(words("key"), nil, key)
	to.add(words("name"), nil, name)
	to.add(words("free"), nil, free)
	to.add(dataset.Column{Name: "flag", Kind: dataset.Bool, Type: "BOOLEAN"}, nil, flag)
	return to
}

// A tenth of the rows keep the contract of 100,000, and so do ten times as many.
func TestSamplesOfOnePopulation(t *testing.T) {
	broken, rounds := 0, rounds(t, 1, 40)
	for k := range rounds {
		r := rand.New(rand.NewPCG(uint64(k), 9))
		large, small := twenty(r, 100_000), twenty(r, 10_000)
		for _, pair := range [][2]*table{{large, small}, {small, large}} {
			if v := violations(hold(t, pair[0], pair[1])); len(v) > 0 {
				broken++
				t.Logf("round %d: %s %s: %s", k, v[0].Column, v[0].Name, v[0].Message)
			}
		}
	}
	t.Logf("%d of %d broken", broken, 2*rounds)
	if broken*20 > 2*rounds {
		t.Errorf("%d of %d broken", broken, 2*rounds)
	}
}

func mapped(list []float64, to func(x float64) float64) []float64 {
	out := make([]float64, len(list))
	for i, x := range list {
		out[i] = to(x)
	}
	return out
}

func rewritten(list []string, to func(x string) string) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = to(x)
	}
	return out
}

func TestUnitsAreFound(t *testing.T) {
	for _, change := range []struct {
		name contract.Name
		undo string
		to   func(x float64) float64
	}{
		{contract.UnitChange, "x / 1000", func(x float64) float64 { return 1000 * x }},
		{contract.UnitChange, "x / 100", func(x float64) float64 { return 100 * x }},
		{contract.UnitChange, "x * 1000", func(x float64) float64 { return x / 1000 }},
		{contract.UnitChange, "x / 60", func(x float64) float64 { return 60 * x }},
		{contract.UnitChange, "x / 2.54", func(x float64) float64 { return 2.54 * x }},
		{contract.UnitChange, "(x - 32) / 1.8", func(x float64) float64 { return 1.8*x + 32 }},
		{contract.UnitChange, "x * 1.8 + 32", func(x float64) float64 { return (x - 32) / 1.8 }},
		{contract.UnitChange, "x * 2.204622622", func(x float64) float64 { return .45359237 * x }},
		{contract.SignFlip, "-x", func(x float64) float64 { return -x }},
	} {
		for _, rows := range [][2]int{{20_000, 5_000}, {5_000, 100_000}} {
			found := 0
			var misses []string
			for i, s := range shapes {
				r := rand.New(rand.NewPCG(uint64(i), 11))
				was, now := new(table), new(table)
				was.add(floats("x"), drawn(r, rows[0], s.draw), nil)
				now.add(floats("x"), mapped(drawn(r, rows[1], s.draw), change.to), nil)
				v := violations(hold(t, was, now))
				if len(v) == 1 && v[0].Name == change.name && v[0].Undo == change.undo {
					found++
					continue
				}
				misses = append(misses, fmt.Sprintf("%s: %+v", s.name, v))
			}
			if found < 9 {
				t.Errorf("%s %s, %v rows: found in %d of %d columns\n%s", change.name, change.undo, rows, found, len(shapes), strings.Join(misses, "\n"))
			}
		}
	}
}

// changes are what may happen to a column of texts.
func TestCategoriesAreFound(t *testing.T) {
	columns := [][]string{
		{"free", "basic", "pro", "team", "enterprise"}, {"male", "female"}, {"red", "green", "blue"}, {"a", "b", "c", "d", "e", "f", "g", "h"},
		{"north-east", "north-west", "south"}, {"Private", "State-gov", "Never-worked", "Self-emp"}, {"yes", "no", "maybe"}, {"card", "cash"},
		{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, {"hdd", "ssd", "nvme"},
	}
	for _, change := range []struct {
		says string
		name contract.Name
		undo func(names []string) string // ends so
		to   func(names []string) func(string) string
	}{
		{"spaces", contract.Recoded, func(n []string) string { return fmt.Sprintf("%q as %q", " "+n[0], n[0]) }, func([]string) func(string) string {
			return func(x string) string { return " " + x }
		}},
		{"case", contract.Recoded, func(n []string) string { return fmt.Sprintf("%q as %q", strings.ToUpper(n[0]), n[0]) }, func([]string) func(string) string { return strings.ToUpper }},
		{"reordered", contract.Recoded, func(n []string) string { return fmt.Sprintf("%q as %q", n[1], n[0]) }, func(n []string) func(string) string {
			return func(x string) string {
				for i := range n {
					if n[i] == x {
						return n[(i+1)%len(n)]
					}
				}
				return x
			}
		}},
		{"renamed", contract.Recoded, func(n []string) string { return fmt.Sprintf("%q as %q", "code 0", n[0]) }, func(n []string) func(string) string {
			return func(x string) string {
				for i := range n {
					if n[i] == x {
						return fmt.Sprint("code ", i)
					}
				}
				return x
			}
		}},
		{"a new one", contract.NewCategory, func([]string) string { return "" }, func(n []string) func(string) string {
			k := 0
			return func(x string) string {
				if k++; k%50 == 0 {
					return "brand new"
				}
				return x
			}
		}},
	} {
		found := 0
		for i, names := range columns {
			r := rand.New(rand.NewPCG(uint64(i), 13))
			was, now := new(table), new(table)
			was.add(words("x"), nil, drawnTexts(r, 20_000, names))
			now.add(words("x"), nil, rewritten(drawnTexts(r, 8_000, names), change.to(names)))
			v := violations(hold(t, was, now))
			if len(v) == 1 && v[0].Name == change.name && strings.Contains(v[0].Undo, change.undo(names)) {
				found++
				continue
			}
			t.Logf("%s, %v: %+v", change.says, names, v)
		}
		if found < 9 {
			t.Errorf("%s: found in %d of %d columns", change.says, found, len(columns))
		}
	}
}

func TestStandInsAreFound(t *testing.T) {
	for _, change := range []struct {
		says        string
		was         float64 // what stands for missing; NaN: nothing does
		now         float64
		undo        string
		anyNumber   bool
		fromNothing bool // the reference lacks no value
	}{
		{"-1", math.NaN(), -1, "read -1 as missing", true, false},
		{"999", math.NaN(), 999, "read 999 as missing", true, false},
		{"0", math.NaN(), 0, "read 0 as missing", true, false},
		{"no more -999", -999, math.NaN(), "read missing as -999", true, false},
		{"-999 from nothing", math.NaN(), -999, "read -999 as missing", true, true},
	} {
		found := 0
		for i, s := range shapes {
			r := rand.New(rand.NewPCG(uint64(i), 17))
			draw := func(rows int, missing float64, share float64) *table {
				list := drawn(r, rows, s.draw)
				for k := range list {
					if r.Float64() < share {
						list[k] = missing
					}
				}
				to := new(table)
				to.add(floats("x"), list, nil)
				return to
			}
			share := .06
			if change.fromNothing {
				share = 0
			}
			v := violations(hold(t, draw(20_000, change.was, share), draw(6_000, change.now, .06)))
			if len(v) == 1 && v[0].Name == contract.MissingEncoding && v[0].Undo == change.undo {
				found++
				continue
			}
			t.Logf("%s, %s: %+v", change.says, s.name, v)
		}
		if found < 9 {
			t.Errorf("%s: found in %d of %d columns", change.says, found, len(shapes))
		}
	}
}

func TestSwappedColumnsAreFound(t *testing.T) {
	tried, found := 0, 0
	for i, a := range shapes {
		for j := range i {
			b := shapes[j]
			r := rand.New(rand.NewPCG(uint64(i), uint64(j)))
			was, now := new(table), new(table)
			was.add(floats("a"), drawn(r, 10_000, a.draw), nil)
			was.add(floats("b"), drawn(r, 10_000, b.draw), nil)
			now.add(floats("a"), drawn(r, 5_000, b.draw), nil)
			now.add(floats("b"), drawn(r, 5_000, a.draw), nil)
			v := violations(hold(t, was, now))
			tried++
			if len(v) == 2 && v[0].Name == contract.SwappedColumns && v[0].Other == "b" && v[1].Other == "a" {
				found++
				continue
			}
			t.Logf("%s and %s: %+v", a.name, b.name, v)
		}
	}
	if found*10 < tried*9 {
		t.Errorf("found %d of %d", found, tried)
	}
}

func TestTimeZonesAreFound(t *testing.T) {
	for _, minutes := range []int{60, -60, 120, 330, -300, 345, 540, -480} {
		found := 0
		for i := range 10 {
			r := rand.New(rand.NewPCG(uint64(i), 19))
			peak := 3 + 1.7*float64(i)
			draw := func(r *rand.Rand) float64 {
				hour := peak + float64(i%3+1)*r.NormFloat64()
				if r.Float64() < .15 {
					hour = 24 * r.Float64()
				}
				return 1.7e15 + math.Floor(30*r.Float64())*day + math.Floor(math.Mod(hour+48, 24)*3600)*1e6
			}
			was, now := new(table), new(table)
			was.add(times("at"), drawn(r, 20_000, draw), nil)
			now.add(times("at"), mapped(drawn(r, 8_000, draw), func(x float64) float64 { return x + float64(minutes)*60e6 + 90*day }), nil)
			v := violations(hold(t, was, now))
			size, sign := minutes, "-"
			if minutes < 0 {
				size, sign = -minutes, "+"
			}
			want := fmt.Sprintf("x %s %d:%02d hours", sign, size/60, size%60)
			switch {
			case size == 60:
				want = fmt.Sprintf("x %s 1 hour", sign)
			case size%60 == 0:
				want = fmt.Sprintf("x %s %d hours", sign, size/60)
			}
			if len(v) == 1 && v[0].Name == contract.TimeZone && v[0].Undo == want {
				found++
				continue
			}
			t.Logf("%d minutes, %d: want %s: %+v", minutes, i, want, v)
		}
		if found < 9 {
			t.Errorf("%d minutes: found in %d of 10", minutes, found)
		}
	}
}

// What drifts is told as such, elsewhere: it is no change of meaning.
func TestDriftIsNoChangeOfMeaning(t *testing.T) {
	for _, drift := range []struct {
		says string
		to   func(x float64, r *rand.Rand) float64
	}{
		{"a tenth more", func(x float64, _ *rand.Rand) float64 { return 1.1 * x }},
		{"a half more", func(x float64, _ *rand.Rand) float64 { return 1.5 * x }},
		{"three more", func(x float64, _ *rand.Rand) float64 { return x + 3 }},
		{"noise", func(x float64, r *rand.Rand) float64 { return x + 5*r.NormFloat64() }},
		{"a third doubled", func(x float64, r *rand.Rand) float64 {
			if r.Float64() < .33 {
				return 2 * x
			}
			return x
		}},
		{"capped", func(x float64, _ *rand.Rand) float64 { return min(x, 10) }},
	} {
		for i, s := range shapes {
			r := rand.New(rand.NewPCG(uint64(i), 23))
			was, now := new(table), new(table)
			was.add(floats("x"), drawn(r, 10_000, s.draw), nil)
			now.add(floats("x"), mapped(drawn(r, 10_000, s.draw), func(x float64) float64 { return drift.to(x, r) }), nil)
			for _, v := range violations(hold(t, was, now)) {
				if v.Name != contract.OutOfRange {
					t.Errorf("%s, %s: %+v", drift.says, s.name, v)
				}
			}
		}
	}
}

// Numbers that are codes are found to be exchanged or renamed.
func TestCodesAreFound(t *testing.T) {
	for i, k := range []int{2, 3, 4, 5, 6, 7, 8, 3, 5, 9} {
		r := rand.New(rand.NewPCG(uint64(i), 29))
		draw := func(r *rand.Rand) float64 {
			at := 0
			for at+1 < k && r.Float64() < .35 {
				at++
			}
			return float64(at)
		}
		was, now := new(table), new(table)
		was.add(wholes("x"), drawn(r, 20_000, draw), nil)
		now.add(wholes("x"), mapped(drawn(r, 8_000, draw), func(x float64) float64 { return float64((int(x) + 1) % k) }), nil)
		v := violations(hold(t, was, now))
		if len(v) != 1 || v[0].Name != contract.Recoded || !strings.Contains(v[0].Undo, "1 as 0") {
			// 1 - x is the other way to say so of 0 and 1.
			if !(k == 2 && len(v) == 1 && v[0].Undo == "1 - x") {
				t.Errorf("%d codes: %+v", k, v)
			}
		}
	}
}

// What stands for missing values does not hide what happened to the others.
func TestTwoChangesOfOneColumn(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 1))
	draw := func(rows int, missing, times float64) *table {
		list := drawn(r, rows, shapes[1].draw)
		for k := range list {
			if list[k] *= times; r.Float64() < .04 {
				list[k] = missing
			}
		}
		to := new(table)
		to.add(floats("x"), list, nil)
		return to
	}
	for _, c := range []struct {
		was, now *table
		undo     string
	}{
		{draw(9_000, math.NaN(), 1), draw(3_000, 0, 100), "read 0 as missing"},
		{draw(9_000, -1, 1), draw(3_000, math.NaN(), 100), "read missing as -1"},
	} {
		v := violations(hold(t, c.was, c.now))
		if len(v) != 2 || v[0].Name != contract.UnitChange || v[0].Undo != "x / 100" || v[1].Undo != c.undo {
			t.Errorf("%+v", v)
		}
	}
}
