package duckdb

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/slice"
	"github.com/noworse/noworse/summary"
)

// formulaRows is a source whose rows have every kind of column, with nulls; its
// answers are functions of id.
func formulaRows(t testing.TB, threads int) *source {
	t.Helper()
	path := makeTable(t, t.TempDir()+"/eval.parquet", `SELECT i AS id, (i * 7919 % 1000) / 8.0::DOUBLE AS amount, 'g' || (i % 7) AS tier,
		CASE WHEN i % 5 > 0 THEN i % 11 END AS age, i % 3 = 0 AS flag, DATE '2024-01-01' + (i % 400)::INT AS day, (i % 100)::DECIMAL(9,2) / 4 AS price,
		1 + i / 1e9::DOUBLE AS narrow, i AS "or", i::HUGEINT * 1000000000000 AS wide FROM range(20000) t(i)`, "FORMAT parquet, ROW_GROUP_SIZE 2048")
	s, err := Open(t.Context(), table(path), Options{Threads: threads, Memory: 500 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.(*source)
}

// idAnswers gives answers by id: the label, the prediction and the score of the
// second model.
type idAnswers struct{ a dataset.Answers }

func (s *idAnswers) Consume(b *dataset.Batch) error {
	s.a = dataset.Answers{}
	for _, id := range b.Vectors[0].Ints[:b.Rows] {
		s.a.Label = append(s.a.Label, float64(id%2))
		for m := range 2 {
			s.a.Prediction[m] = append(s.a.Prediction[m], float64((id+int64(m))/3%2))
			s.a.Score[m] = append(s.a.Score[m], float64((id+int64(m))%97)/97)
		}
	}
	b.Answers = s.a
	return nil
}

// adder adds up the arguments of the aggregates of a formula.
type adder struct {
	f       dataset.Formula
	moments []summary.Moments
}

func (a *adder) Consume(b *dataset.Batch) error {
	place := 0
	for i, of := range a.f.Aggregates {
		args := b.Vectors[place : place+len(of.Args[0])]
		place += len(args)
		for row := range b.Rows {
			switch m := &a.moments[i]; {
			case args[0].Null(row) || args[len(args)-1].Null(row):
			case of.Distinct:
				m.AddText(args[0].Texts[row])
			case len(args) == 2:
				m.AddPair(args[0].Floats[row], args[1].Floats[row])
			default:
				m.Add(args[0].Floats[row])
			}
		}
	}
	return nil
}

// workOut is the value of a formula for a model.
func workOut(t testing.TB, s *source, text string, model int, classes dataset.Classes) (dataset.Calculated, error) {
	t.Helper()
	f, err := s.Formula(t.Context(), text, classes)
	if err != nil {
		return dataset.Calculated{}, err
	}
	what := dataset.Derivation{Given: dataset.Request{Fields: []dataset.Field{{Column: "id", Form: dataset.AsInt}}}, Reads: f.Reads, Classes: classes}
	for _, a := range f.Aggregates {
		for _, sql := range a.Args[model] {
			form := dataset.AsFloat
			if a.Distinct {
				form = dataset.AsText
			}
			what.Fields = append(what.Fields, dataset.Field{Expression: sql, Form: form})
		}
	}
	var mu sync.Mutex
	var sinks []*adder
	err = s.Derive(t.Context(), what, func() dataset.Sink { return new(idAnswers) }, func() dataset.Sink {
		a := &adder{f: f}
		for _, of := range f.Aggregates {
			a.moments = append(a.moments, summary.NewMoments(of.Function, of.Distinct))
		}
		mu.Lock()
		defer mu.Unlock()
		sinks = append(sinks, a)
		return a
	})
	if err != nil {
		return dataset.Calculated{}, err
	}
	values := make([]*float64, len(f.Aggregates))
	for i, of := range f.Aggregates {
		m := summary.NewMoments(of.Function, of.Distinct)
		for _, a := range sinks {
			m.Merge(&a.moments[i])
		}
		if v, ok := m.Value(of.Function, of.Fraction); ok {
			values[i] = &v
		}
	}
	list, err := s.Calculate(t.Context(), f, [][]*float64{values})
	if err != nil {
		return dataset.Calculated{}, err
	}
	return list[0], nil
}

// duckDBs is what DuckDB itself makes of a formula, in one thread's plain order.
func duckDBs(t *testing.T, s *source, text string, model int) *float64 {
	t.Helper()
	row, err := s.conn.one(t.Context(), fmt.Sprintf(`SELECT CAST(%s AS DOUBLE)::VARCHAR FROM (SELECT *, CAST(id %% 2 AS DOUBLE) AS label,
		CAST((id + %d) // 3 %% 2 AS DOUBLE) AS prediction, CAST((id + %[2]d) %% 97 AS DOUBLE) / 97 AS score FROM %[3]s)`, text, model, s.eval.sql))
	if err != nil {
		t.Fatal(text, err)
	}
	if row[0] == nil {
		return nil
	}
	v, err := strconv.ParseFloat(*row[0], 64)
	if err != nil {
		t.Fatal(err)
	}
	return &v
}

// acceptedFormulas are formulas that DuckDB too can run as they stand.
var acceptedFormulas = []string{
	"sum(amount * abs(label - score)) / sum(amount)",
	"count(*)", "count()", "count(age)", "count(DISTINCT tier)", "count(DISTINCT age)", "count(DISTINCT day)", "count_if(flag)", "countif(label = prediction)",
	"sum(age)", "avg(age)", "mean(amount)", "min(amount)", "max(price)", "sum(price)", "sum(flag)", "min(wide)", "avg(wide)",
	"median(age)", "median(amount)", "quantile_cont(amount, 0.95)", "quantile_cont(age, 0.37)", "quantile_disc(amount, 0.5)", "quantile_disc(age, 0)", "quantile_cont(amount, 1)", "quantile_disc(amount, 1e-1)",
	"var_pop(amount)", "var_samp(age)", "variance(price)", "stddev_pop(age)", "stddev_samp(amount)", "stddev(amount)",
	"covar_pop(amount, age)", "covar_samp(score, label)", "corr(amount, id)", "corr(label, score)",
	"regr_slope(amount, id)", "regr_intercept(amount, id)", "regr_r2(amount, id)", "regr_count(amount, age)", "regr_avgx(amount, age)", "regr_avgy(amount, age)",
	"regr_sxx(amount, id)", "regr_syy(amount, id)", "regr_sxy(amount, age)",
	"bool_and(id >= 0)::int + bool_or(flag)::int",
	"count(*) FILTER (WHERE label = 1 AND prediction = 1) / count(*) FILTER (WHERE label = 1)",
	"sum(amount) FILTER (WHERE tier = 'g3') - avg(amount) FILTER (WHERE flag)", "count(DISTINCT tier) FILTER (WHERE id < 3)", "median(amount) FILTER (WHERE age IS NULL)",
	"sum(amount) FILTER (WHERE id < 0)", "avg(age) FILTER (WHERE false)", "count(*) FILTER (WHERE false)",
	"coalesce(sum(amount) FILTER (WHERE false), 7)", "CASE WHEN count(*) > 100 THEN avg(amount) ELSE 0 END", "sqrt(avg((label - score) ** 2))",
	"1 - sum((label - score) ^ 2) / sum((label - 0.5) ^ 2)", "greatest(avg(score), avg(label))", "round(avg(amount), 2)", "count(*) // 7 + count(*) % 7",
	"sum(CASE WHEN label = prediction THEN amount ELSE -2 * amount END)", "avg(CASE tier WHEN 'g1' THEN 1 WHEN 'g2' THEN 2 END)",
	`sum("or")`, "SUM(amount)", "avg(amount) -- the mean", "avg(amount);", "sum(nullif(age, 3))", "sum(id) BETWEEN 1 AND 2 OR true = false", "avg(date_diff('day', day, DATE '2025-01-01'))",
	"nullif(avg(amount), 0)", "- avg(amount)", "avg(ln(1 + amount))",
}

// TestFormulasEqualDuckDB: what is added up here equals what DuckDB adds up, to
// the error of its own sums.
func TestFormulasEqualDuckDB(t *testing.T) {
	s := formulaRows(t, 2)
	one := formulaRows(t, 1)
	for _, text := range acceptedFormulas {
		t.Run(text, func(t *testing.T) {
			for model := range 2 {
				if strings.Contains(text, "OR true") {
					if _, err := s.Formula(t.Context(), text, nil); err == nil || !strings.Contains(err.Error(), "it gives boolean values: a metric is a number") {
						t.Errorf("%v", err)
					}
					return
				}
				got, err := workOut(t, s, text, model, nil)
				if err != nil || got.Fault != "" {
					t.Fatal(err, got.Fault)
				}
				want := duckDBs(t, s, strings.TrimSuffix(strings.TrimSuffix(text, "-- the mean"), ";"), model)
				if (got.Value == nil) != (want == nil) || want != nil && !(math.Abs(*got.Value-*want) <= 1e-9*max(1, math.Abs(*want))) {
					t.Errorf("model %d: %s, DuckDB has %s", model, shown(got.Value), shown(want))
				}
				if again, err := workOut(t, one, text, model, nil); err != nil || shown(again.Value) != shown(got.Value) {
					t.Errorf("one thread gives %s, two %s, %v", shown(again.Value), shown(got.Value), err)
				}
			}
		})
	}
}

// TestFormulaOfNarrowValues: 1 + i/1e9 for i up to 20,000 vary by 20 in a million.
// The variance of 0 … n-1 is (n² - 1)/12; DuckDB's own, of the same rows, is off
// by 2e-7 of it.
func TestFormulaOfNarrowValues(t *testing.T) {
	got, err := workOut(t, formulaRows(t, 2), "var_pop(narrow) * 1e18", 0, nil)
	if want := (20000.0*20000 - 1) / 12; err != nil || math.Abs(*got.Value-want) > 1e-10*want {
		t.Errorf("%s, want %v, %v", shown(got.Value), want, err)
	}
}

func shown(x *float64) string {
	if x == nil {
		return "null"
	}
	return strconv.FormatFloat(*x, 'g', -1, 64)
}

// TestFormulaOfClasses: labels and predictions of several classes are texts.
func TestFormulaOfClasses(t *testing.T) {
	s := formulaRows(t, 2)
	classes := dataset.Classes{"it's", "owl"}
	got, err := workOut(t, s, "count(*) FILTER (WHERE label = 'it''s' AND prediction = 'owl')", 0, classes)
	want, _ := workOut(t, s, "count(*) FILTER (WHERE label = 0 AND prediction = 1)", 0, nil)
	if err != nil || got.Value == nil || *got.Value != *want.Value || *got.Value == 0 {
		t.Errorf("%s, want %s, %v", shown(got.Value), shown(want.Value), err)
	}
	if _, err := s.Formula(t.Context(), "avg(label)", classes); err == nil || !strings.Contains(err.Error(), "avg() wants numbers, and what stands in it is text") {
		t.Errorf("%v", err)
	}
}

// TestFormulasFault: a formula that cannot be worked out for one slice keeps the
// others, and says why; an argument that fails on some row ends the run.
func TestFormulasFault(t *testing.T) {
	s := formulaRows(t, 2)
	f, err := s.Formula(t.Context(), "ln(avg(amount))", nil)
	if err != nil {
		t.Fatal(err)
	}
	one, zero := 1.0, 0.0
	got, err := s.Calculate(t.Context(), f, [][]*float64{{&one}, {&zero}, {nil}})
	if err != nil || len(got) != 3 || got[0].Value == nil || *got[0].Value != 0 || !strings.Contains(got[1].Fault, "logarithm of zero") || got[2].Value != nil || got[2].Fault != "" {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = workOut(t, s, "sum(ln(abs(15000 - id)))", 0, nil)
	var e *dataset.ExpressionError
	if !errors.As(err, &e) || !strings.Contains(e.Message, "logarithm of zero") || !strings.Contains(e.Expression, "15000") {
		t.Errorf("%v", err)
	}
	if v, err := workOut(t, s, "count(*)", 0, nil); err != nil || *v.Value != 20000 {
		t.Errorf("after it: %v, %v", v, err)
	}
}

func TestDeriveEndsWithItsSinksErrors(t *testing.T) {
	s := formulaRows(t, 2)
	enough := errors.New("enough")
	what := dataset.Derivation{Given: dataset.Request{Fields: []dataset.Field{{Column: "id", Form: dataset.AsInt}}}, Fields: []dataset.Field{{Expression: "y", Form: dataset.AsFloat}}}
	fails := func() dataset.Sink { return failing{enough} }
	works := func() dataset.Sink { return new(idAnswers) }
	if err := s.Derive(t.Context(), what, fails, fails); !errors.Is(err, enough) {
		t.Errorf("of the first step: %v", err)
	}
	if err := s.Derive(t.Context(), what, works, fails); !errors.Is(err, enough) {
		t.Errorf("of the second step: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Consume(*dataset.Batch) error { return f.err }

// TestFormulaAggregates says that what may be called is an aggregate of DuckDB.
func TestFormulaAggregates(t *testing.T) {
	c := openPeople(t)
	for _, name := range slice.Aggregates() {
		rows, err := c.query(t.Context(), "SELECT DISTINCT function_type FROM duckdb_functions() WHERE function_name = "+text(name))
		if err != nil || len(rows) != 1 || *rows[0][0] != "aggregate" {
			t.Errorf("%s: %d kinds, %v", name, len(rows), err)
		}
	}
}

// refusedFormulas are formulas with a part of what is said of them.
var refusedFormulas = []struct{ text, says string }{
	{"", "a metric needs an expression of aggregates"}, {"-- nothing", "a metric needs"}, {";", "a metric needs"},
	{"1", "it wants an aggregate"}, {"1 + 2", "it wants an aggregate"}, {"true", "it wants an aggregate"},
	{"amount", "amount stands outside of an aggregate"}, {"amount / sum(amount)", "amount stands outside of an aggregate"}, {"a0 + sum(amount)", "a0 stands outside"},
	{"sum(amount) + label", "label stands outside"}, {"CASE WHEN flag THEN sum(amount) END", "flag stands outside"},
	{"sum(sum(amount))", "aggregates do not nest"}, {"sum(amount - avg(amount))", "aggregates do not nest"}, {"count(*) FILTER (WHERE amount > avg(amount))", "aggregates do not nest"},
	{"sum(amount), sum(age)", "a metric is one expression of aggregates"}, {"sum(amount); DROP TABLE x", "follows its semicolon"}, {"sum(amount) AS x", "given a name"},
	{"sum(amount) FROM x", "FROM"}, {"sum(amount) FROM read_csv('/etc/passwd')", "FROM"}, {"sum(amount) WHERE true", "WHERE"}, {"sum(amount) GROUP BY ALL", "GROUP BY"}, {"sum(amount) HAVING true", "HAVING"},
	{"sum(amount) ORDER BY 1", "ORDER BY"}, {"sum(amount) LIMIT 1", "LIMIT"}, {"DISTINCT sum(amount)", "DISTINCT"}, {"sum(amount) UNION ALL FROM x", "combines queries"},
	{"SELECT sum(amount)", "leave SELECT out"}, {"(SELECT sum(amount))", "subqueries"}, {"sum((SELECT 1))", "subqueries"}, {"sum(amount) + (FROM x)", "subquery"}, {"sum(ARRAY(FROM x)[1])", "lists"},
	{"sum(amount) OVER ()", "window"}, {"avg(amount) FILTER (WHERE row_number() OVER () > 1)", "window"}, {"lag(sum(amount)) OVER (ORDER BY 1)", "window"},
	{"sum(amount ORDER BY id)", "no ORDER BY"}, {"median(amount ORDER BY id)", "no ORDER BY"}, {"sum(DISTINCT amount)", "DISTINCT is for count"}, {"median(DISTINCT amount)", "DISTINCT is for count"}, {"count(DISTINCT *)", ""},
	{"first(amount)", "is not an aggregate that a metric may use"}, {"any_value(amount)", "is not an aggregate"}, {"mode(tier)", "is not an aggregate"}, {"string_agg(tier, ',')", "is not an aggregate"}, {"list(amount)", "is not an aggregate"},
	{"product(amount)", "is not an aggregate"}, {"arg_max(amount, id)", "is not an aggregate"}, {"approx_count_distinct(tier)", "is not an aggregate"}, {"approx_quantile(amount, 0.5)", "is not an aggregate"}, {"histogram(amount)", "is not an aggregate"},
	{"main.sum(amount)", "dot"}, {"quantile_cont(amount, age)", "from 0 to 1"}, {"quantile_cont(amount, 2)", "from 0 to 1, not 2"}, {"quantile_cont(amount, [0.1, 0.9])", "from 0 to 1"}, {"quantile_cont(amount, 'x')", "from 0 to 1"}, {"quantile_cont(amount, NULL)", "from 0 to 1"},
	{"sum()", "does not take 0 arguments"}, {"corr(amount)", "does not take 1 arguments"}, {"sum(amount, age)", "does not take 2 arguments"}, {"count(amount, age)", "does not take 2"}, {"avg(amount) + median(amount, 0.5)", "does not take 2"},
	{"sum(random())", "its value would differ on each run"}, {"sum(amount) * random()", "its value would differ"}, {"sum(amount) + now()::int", "its value would differ"}, {"avg(amount) + current_date", "its value would differ"}, {"count(*) FILTER (WHERE day < today())", "its value would differ"},
	{"sum(getenv('HOME'))", "looks at the machine"}, {"count(*) + length(getenv('HOME'))", "looks at the machine"}, {"sum(length(read_text('/etc/passwd')))", "looks at the machine"}, {"sum(length(repeat(tier, 1000000)))", "far larger"},
	{"max(amount) + nextval('x')", "its value would differ"}, {"sum(COLUMNS('.*'))", "COLUMNS"}, {"sum(*)", ""}, {"sum(amount) + $1", "$"}, {"sum(#1)", "position"}, {"sum(amount) FILTER (WHERE EXISTS(FROM x))", "subquery"},
	{"sum(list_sum([amount]))", ""}, {"sum(nobody)", `there is no column "nobody"`}, {"sum(e.amount)", "dot"}, {"sum(x := amount)", "given a name"}, {"sum(u0)", `there is no column "u0"`}, {"avg(y)", `there is no column "y"`}, {"avg(s1)", `there is no column "s1"`},
	{"sum(tier)", "sum() wants numbers, and what stands in it is text"}, {"avg(day)", "avg() wants numbers"}, {"max(tier)", "max() wants numbers"}, {"median(tier || 'x')", "median() wants numbers"}, {"bool_and(tier)", "is not true or false"},
	{"sum(amount)::VARCHAR", "it gives text values: a metric is a number"}, {"sum(amount) > 3", "it gives boolean values"}, {"bool_or(flag)", "it gives boolean values"}, {"to_days(count(*)::int)", "it gives date or time values"}, {"sum(amount) || 'x'", "it gives text"},
	{"sum(tier::INTEGER)", "is not a number"}, {"sum(amount) IN (SELECT 1)", "subqueries"}, {"sum(amount) = ANY([1])", "subquery"}, {"sum(amount::BLOB)", "may not use the type"}, {"sum(amount) COLLATE NOCASE", "COLLATE"},
	{strings.Repeat("sum(amount) + ", 20) + "1", ""}, {strings.Repeat("sum(amount) + ", 21) + "1", "at most 20 aggregates"}, {strings.Repeat("x", slice.MaxText+1), "this metric is too long"},
	{"sum(" + strings.Repeat("(", 300) + "amount" + strings.Repeat(")", 300) + ")", ""}, {"sum(" + strings.Repeat("-", 300) + "amount)", ""}, {"sum(" + strings.Repeat("amount + ", 1100) + "1)", "too deeply"}, {"sum(amount) + " + strings.Repeat("1 + ", 1100) + "1", "too deeply"}, {"sum(concat(" + strings.Repeat("id, ", 1100) + "1)::INT)", "too"},
	{"sum(amount) -- )\n+ 1) + (2", "syntax error"}, {"sum(amount) /*", "*/ is missing"}, {"sum(amount", "syntax error"}, {"sum(amount))", "syntax error"},
	{"sum(amount) AT TIME ZONE 'UTC'", ""}, {"sum(amount)[1]", "lists or structs"}, {"sum(amount).x", "dot"}, {"count(*) ~ 'x'", ""}, {"GROUPING(amount)", ""}, {"sum(amount) WITHIN GROUP (ORDER BY age)", ""}, {"export_state(sum(amount))", ""}, {"sum(amount) EXPORT_STATE", ""},
}

func TestFormulasRefused(t *testing.T) {
	s := formulaRows(t, 1)
	for _, r := range refusedFormulas {
		t.Run(shortPredicate(r.text), func(t *testing.T) {
			_, err := s.Formula(t.Context(), r.text, nil)
			if strings.HasPrefix(r.text, "sum(amount) + sum(amount)") && strings.HasSuffix(r.text, "1") && strings.Count(r.text, "sum") == 20 || strings.Contains(r.text, "((((") {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), r.says) || strings.Contains(err.Error(), "slice") || strings.Contains(err.Error(), "internal") {
				t.Errorf("%v, want %q", err, r.says)
			}
			if _, err := s.conn.one(t.Context(), "SELECT 'alive'"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestFormulaNamesAreNobodys: columns that are called as the names inside of the
// statement are still themselves.
func TestFormulaNamesAreNobodys(t *testing.T) {
	path := makeTable(t, t.TempDir()+"/eval.parquet", `SELECT i AS id, i * 2 AS y, i * 3 AS p0, i * 5 AS s1, i * 7 AS u0, i * 11 AS a0, i * 13 AS "d", i * 17 AS c0, i * 19 AS f0 FROM range(10) t(i)`, "FORMAT parquet")
	s := opened(t, table(path)).(*source)
	got, err := workOut(t, s, "sum(y + p0 + s1 + u0 + a0 + d + c0 + f0 + id)", 1, nil)
	if err != nil || *got.Value != 45*(1+2+3+5+7+11+13+17+19) {
		t.Errorf("%s, %v", shown(got.Value), err)
	}
}

// TestFormulasAreQuick: what is let through is parsed, planned and run in time.
func TestFormulasAreQuick(t *testing.T) {
	s := formulaRows(t, 1)
	for _, shape := range []string{"nullif(%s, 1)", "%s between 1 and 2", "coalesce(%s, 1)", "case %s when 1 then 2 when 2 then 3 end", "greatest(%s, 1)", "-(%s)", "(%s)::int"} {
		for _, depth := range []int{3, 12, 60} {
			inside, outside := "amount", "sum(amount)"
			for range depth {
				if len(inside) < 20_000 {
					inside, outside = fmt.Sprintf(shape, inside), fmt.Sprintf(shape, outside)
				}
			}
			for _, text := range []string{"sum(" + inside + ")", outside} {
				began := time.Now()
				_, err := s.Formula(t.Context(), text, nil)
				if took := time.Since(began); took > 2*time.Second {
					t.Errorf("%s took %v (%v)", shortPredicate(text), took, err)
				}
			}
		}
	}
}

func FuzzFormula(f *testing.F) {
	for _, text := range acceptedFormulas {
		f.Add(text)
	}
	for _, r := range refusedFormulas {
		if len(r.text) < 200 {
			f.Add(r.text)
		}
	}
	s := formulaRows(f, 1)
	f.Fuzz(func(t *testing.T, text string) {
		formula, err := s.Formula(t.Context(), text, nil)
		if err != nil {
			return
		}
		if len(formula.Aggregates) == 0 {
			t.Errorf("%q has no aggregate", text)
		}
		// What was printed reads as a formula again, and as the same one.
		if strings.Contains(formula.SQL, ";") && !strings.Contains(text, "';") {
			t.Errorf("%q became %q", text, formula.SQL)
		}
		for _, a := range formula.Aggregates {
			for _, sql := range slices.Concat(a.Args[0], a.Args[1]) {
				if strings.Contains(strings.ToUpper(sql), "SELECT ") && !strings.Contains(strings.ToUpper(text), "SELECT") {
					t.Errorf("%q became %q", text, sql)
				}
			}
		}
		values := make([]*float64, len(formula.Aggregates))
		if _, err := s.Calculate(t.Context(), formula, [][]*float64{values}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}
