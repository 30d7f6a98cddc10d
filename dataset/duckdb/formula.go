package duckdb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/slice"
)

// Inside of the statements here, columns of the evaluation set are u0, u1, … and
// answers y, p0, s0, p1, s1, whatever they are called outside: no name of the data
// can mean another thing.

func columnName(i int) string { return fmt.Sprintf("u%d", i) }

// answerName is the name of an answer of a model, "" if it is none.
func answerName(name string, model int) string {
	switch name {
	case dataset.LabelName:
		return "y"
	case dataset.PredictionName:
		return fmt.Sprintf("p%d", model)
	case dataset.ScoreName:
		return fmt.Sprintf("s%d", model)
	}
	return ""
}

// internalName is the name of a column or of a model's answer.
func (s *source) internalName(name string, model int) string {
	if answer := answerName(name, model); answer != "" {
		return answer
	}
	return columnName(slices.IndexFunc(s.columns, func(c dataset.Column) bool { return c.Name == name }))
}

// Formula takes the text of a metric apart. As with predicates, the text is
// parsed and never executed: what runs is printed from the checked tree.
func (s *source) Formula(ctx context.Context, text string, classes dataset.Classes) (dataset.Formula, error) {
	if err := slice.CheckFormulaText(text); err != nil {
		return dataset.Formula{}, err
	}
	tree, err := s.conn.parse(ctx, text)
	if err != nil {
		return dataset.Formula{}, err
	}
	checked, err := slice.CheckFormula(tree, func(name string) bool {
		_, ok := dataset.Find(s.columns, name)
		return ok || answerName(name, 0) != ""
	})
	if err != nil {
		return dataset.Formula{}, err
	}
	f := dataset.Formula{Reads: checked.Reads}
	if f.SQL, err = s.conn.printed(ctx, checked.Tree); err != nil {
		return f, err
	}
	for _, a := range checked.Aggregates {
		out, err := s.aggregate(ctx, a)
		if err == nil {
			err = s.probeAggregate(ctx, out, f.Reads, classes)
		}
		if err != nil {
			return f, err
		}
		f.Aggregates = append(f.Aggregates, out)
	}
	return f, s.wantNumber(ctx, f)
}

// printed is the SQL of a checked tree, in parentheses. That it reads back as
// the same tree is seen to.
func (c *conn) printed(ctx context.Context, tree []byte) (string, error) {
	sql, err := c.print(ctx, tree)
	if err != nil {
		return "", err
	}
	again, err := c.parse(ctx, sql)
	if err != nil {
		return "", err
	}
	if _, err := slice.Check(again, func(string) bool { return true }); err != nil {
		return "", err
	}
	if !slice.Same(tree, again) {
		return "", errUnstable
	}
	return "(" + sql + ")", nil
}

// aggregate prints the arguments of an aggregate, for each model.
func (s *source) aggregate(ctx context.Context, a slice.Aggregate) (dataset.Aggregate, error) {
	out := dataset.Aggregate{Function: a.Function, Distinct: a.Distinct}
	trees := a.Args
	if strings.HasPrefix(a.Function, "quantile_") {
		var err error
		if out.Fraction, err = s.fraction(ctx, trees[1]); err != nil {
			return out, err
		}
		trees = trees[:1]
	}
	for model := range out.Args {
		print := func(tree []byte) (string, error) {
			renamed, err := slice.Renamed(tree, func(name string) string { return s.internalName(name, model) })
			if err != nil {
				return "", err
			}
			return s.conn.printed(ctx, renamed)
		}
		args, err := argsSQL(a, trees, print)
		if err != nil {
			return out, err
		}
		out.Args[model] = args
	}
	return out, nil
}

// argsSQL are the values that an aggregate looks at: null where it does not.
// Counts look at ones.
func argsSQL(a slice.Aggregate, trees [][]byte, print func([]byte) (string, error)) ([]string, error) {
	var conditions, args []string
	if a.Filter != nil {
		filter, err := print(a.Filter)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, filter)
	}
	for _, tree := range trees {
		arg, err := print(tree)
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
	}
	switch {
	case a.Function == "count_star":
		args = []string{"1"}
	case a.Function == "count_if" || a.Function == "countif":
		conditions, args = append(conditions, args[0]), []string{"1"}
	case a.Function == "count" && !a.Distinct:
		conditions, args = append(conditions, args[0]+" IS NOT NULL"), []string{"1"}
	case a.Function == "bool_and" || a.Function == "bool_or":
		args[0] = "CAST(" + args[0] + " AS BOOLEAN)"
	}
	if len(conditions) > 0 {
		for i := range args {
			args[i] = fmt.Sprintf("CASE WHEN %s THEN %s END", strings.Join(conditions, " AND "), args[i])
		}
	}
	return args, nil
}

// fraction is the constant of a quantile.
func (s *source) fraction(ctx context.Context, tree []byte) (float64, error) {
	sql, err := s.conn.printed(ctx, tree)
	if err != nil {
		return 0, err
	}
	row, err := s.conn.one(ctx, "SELECT CAST("+sql+" AS DOUBLE)::VARCHAR")
	if err != nil {
		return 0, err
	}
	f, err := strconv.ParseFloat(*row[0], 64)
	if err != nil || f < 0 || f > 1 {
		return 0, fmt.Errorf("the fraction of a quantile is from 0 to 1, not %s", *row[0])
	}
	return f, nil
}

// rowsOfFormula is some rows under their internal names, with answers as they
// could be.
func (s *source) rowsOfFormula(reads []string, classes dataset.Classes) string {
	answer := "CAST(1 AS DOUBLE)"
	if len(classes) > 0 {
		answer = text(classes[0])
	}
	columns := []string{answer + " AS y", answer + " AS p0", "CAST(0.5 AS DOUBLE) AS s0"}
	for _, name := range reads {
		if answerName(name, 0) == "" {
			columns = append(columns, ident(name)+" AS "+s.internalName(name, 0))
		}
	}
	return fmt.Sprintf("(SELECT %s FROM %s LIMIT %d)", strings.Join(columns, ", "), s.rowsSQL(), probeRows)
}

// probeAggregate tries the arguments of an aggregate on the first rows.
func (s *source) probeAggregate(ctx context.Context, a dataset.Aggregate, reads []string, classes dataset.Classes) error {
	short, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	for _, arg := range a.Args[0] {
		row, err := s.conn.one(short, fmt.Sprintf("SELECT coalesce(any_value(typeof(x)), '')::VARCHAR, count(x)::VARCHAR FROM (SELECT %s AS x FROM %s)", arg, s.rowsOfFormula(reads, classes)))
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case short.Err() != nil:
			return fmt.Errorf("it takes over %s on %d rows: write it simpler", probeTime, probeRows)
		case err != nil:
			return errors.New(predicateFault(arg, err))
		}
		k := kindOf(*row[0])
		if !a.Distinct && *row[0] != "" && *row[0] != `"NULL"` && !isNumber(k) && k != dataset.Bool {
			return fmt.Errorf("%s() wants numbers, and what stands in it is %s", a.Function, k)
		}
	}
	return nil
}

// wantNumber refuses a formula that gives something else than a number.
func (s *source) wantNumber(ctx context.Context, f dataset.Formula) error {
	row, err := s.conn.one(ctx, fmt.Sprintf("SELECT column_type::VARCHAR FROM (DESCRIBE SELECT %s AS x FROM %s)", f.SQL, valuesSQL(f, [][]*float64{make([]*float64, len(f.Aggregates))})))
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return errors.New(predicateFault(f.SQL, err))
	case !isNumber(kindOf(*row[0])):
		return fmt.Errorf("it gives %s values: a metric is a number", kindOf(*row[0]))
	}
	return nil
}

// Derive runs the sinks of both steps in one statement:
//
//	SELECT count(sink(f0, <expression over u0, …, y, p0, …>, …))
//	FROM (SELECT d[1] AS y, …, u0, …, f0, … FROM (SELECT answers(…) AS d, … FROM <rows>))
func (s *source) Derive(ctx context.Context, what dataset.Derivation, answers, sink func() dataset.Sink) error {
	given, sinks := s.handing(what.Given.Fields), s.handing(what.Fields)
	args, rows := s.derivedSQL(what, given, sinks)
	first := &scan{handing: given, dictionaries: given.dictionaries(), newSink: answers, answers: true}
	run := &scan{handing: sinks, dictionaries: sinks.dictionaries(), newSink: sink, progress: s.progress}
	s.sink.active.Store(run)
	s.answers.active.Store(first)
	defer s.sink.active.Store(nil)
	defer s.answers.active.Store(nil)
	err := s.conn.exec(ctx, fmt.Sprintf("SELECT count(%s(%s))::VARCHAR FROM %s", sinkName, args, rows))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if changed := s.changed(); changed != nil {
		return changed
	}
	switch {
	case err == nil:
		return nil
	case first.err != nil:
		return first.err
	case run.err != nil:
		return run.err
	}
	for _, f := range what.Fields { // most likely an expression meets a row that the first ones did not prepare it for
		if f.Expression == "" {
			continue
		}
		_, failed := s.conn.number(ctx, fmt.Sprintf("SELECT count(%s)::VARCHAR FROM %s", s.expression(f), rows))
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case failed != nil:
			return &dataset.ExpressionError{Expression: f.Expression, Message: predicateFault(f.Expression, failed)}
		}
	}
	return s.scanError(ctx, what.Given, err)
}

// derivedSQL is the arguments of the function for the sinks of the second step, and
// the rows to call it for.
func (s *source) derivedSQL(what dataset.Derivation, given, sinks *handing) (args, rows string) {
	all := slices.Clone(given.fields)
	inner, outer := []string{fmt.Sprintf("%s(%s) AS d", answersName, fieldArgs(given.fields, answersCodeName))}, s.answersSQL(what.Classes)
	both := func(from, name string) {
		inner, outer = append(inner, "e."+from+" AS "+name), append(outer, name)
	}
	wanted := make([]string, len(sinks.fields))
	for i, f := range sinks.fields {
		if f.Expression != "" {
			wanted[i] = s.expression(f)
			continue
		}
		name := fmt.Sprintf("f%d", len(all))
		all = append(all, f)
		both(name, name)
		wanted[i] = coded(f, codeName, i, name)
	}
	var columns []dataset.ExportColumn
	for _, name := range what.Reads {
		if answerName(name, 0) == "" {
			both(fmt.Sprintf("c%d", len(columns)), s.internalName(name, 0))
			columns = append(columns, dataset.ExportColumn{Column: name})
		}
	}
	_, from := s.scanSQL(what.Given, all, columns...)
	rows = fmt.Sprintf("(SELECT %s FROM (SELECT %s FROM %s))", strings.Join(outer, ", "), strings.Join(inner, ", "), from)
	return strings.Join(wanted, ", "), rows
}

// answersSQL names the numbers that the first step gives.
func (s *source) answersSQL(classes dataset.Classes) []string {
	value := func(i int) string { return fmt.Sprintf("d[%d]", i) }
	class := value
	if len(classes) > 0 {
		names := make([]string, len(classes))
		for i, c := range classes {
			names[i] = text(c)
		}
		class = func(i int) string {
			return fmt.Sprintf("([%s])[CAST(d[%d] AS BIGINT) + 1]", strings.Join(names, ", "), i)
		}
	}
	return []string{class(1) + " AS y", class(2) + " AS p0", value(3) + " AS s0", class(4) + " AS p1", value(5) + " AS s1"}
}

// calculatedAtOnce bounds the values in one statement.
const calculatedAtOnce = 500

// Calculate puts values in the place of the aggregates. A statement that fails
// is run again value by value, to know which of them is at fault.
func (s *source) Calculate(ctx context.Context, f dataset.Formula, values [][]*float64) ([]dataset.Calculated, error) {
	var out []dataset.Calculated
	for some := range slices.Chunk(values, calculatedAtOnce) {
		list, err := s.calculate(ctx, f, some)
		if err != nil && ctx.Err() == nil && len(some) > 1 {
			for _, one := range some {
				single, failed := s.calculate(ctx, f, [][]*float64{one})
				if failed != nil {
					single = []dataset.Calculated{{Fault: predicateFault(f.SQL, failed)}}
				}
				list = append(list, single...)
			}
		} else if err != nil {
			list = []dataset.Calculated{{Fault: predicateFault(f.SQL, err)}}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

func (s *source) calculate(ctx context.Context, f dataset.Formula, values [][]*float64) ([]dataset.Calculated, error) {
	rows, err := s.conn.query(ctx, fmt.Sprintf("SELECT CAST(%s AS DOUBLE)::VARCHAR FROM %s ORDER BY i", f.SQL, valuesSQL(f, values)))
	if err != nil {
		return nil, err
	}
	list := make([]dataset.Calculated, len(rows))
	for i, row := range rows {
		if row[0] == nil {
			continue
		}
		x, err := strconv.ParseFloat(strings.Replace(*row[0], "-nan", "nan", 1), 64) // 0/0 is -nan
		if err != nil {
			return nil, fmt.Errorf("internal: %w", err)
		}
		list[i].Value = &x
	}
	return list, nil
}

// valuesSQL is a table of the aggregates' values, by their names.
func valuesSQL(f dataset.Formula, values [][]*float64) string {
	types, names := []string{"i"}, []string{"i"}
	for i, a := range f.Aggregates {
		name := slice.AggregateName(i)
		names = append(names, name)
		types = append(types, fmt.Sprintf("CAST(CAST(%s AS DOUBLE) AS %s) AS %[1]s", name, typeOfAggregate(a.Function)))
	}
	rows := make([]string, len(values))
	for r, list := range values {
		fields := []string{strconv.Itoa(r)}
		for _, v := range list {
			field := "NULL"
			if v != nil {
				field = text(strconv.FormatFloat(*v, 'g', -1, 64))
			}
			fields = append(fields, field)
		}
		rows[r] = "(" + strings.Join(fields, ", ") + ")"
	}
	return fmt.Sprintf("(SELECT %s FROM (VALUES %s) t(%s))", strings.Join(types, ", "), strings.Join(rows, ", "), strings.Join(names, ", "))
}

func typeOfAggregate(function string) string {
	switch {
	case strings.HasPrefix(function, "count") || function == "regr_count":
		return "BIGINT"
	case strings.HasPrefix(function, "bool_"):
		return "BOOLEAN"
	}
	return "DOUBLE"
}
