package slice

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// # Formulas: the rule
//
// A metric may be one SQL expression of aggregates, such as
// sum(amount * abs(label - score)) / sum(amount). It comes from the same
// strangers as predicates and is judged by the same rule, with one thing more:
// calls of the aggregates listed here. Their arguments and FILTERs are
// expressions that a predicate could hold, so aggregates do not nest; outside of
// them no column may stand. An aggregate is let in if its value does not depend
// on the order of the rows: mode() and first() do, where values are equal or not.

// Formula is a checked metric, taken apart.
type Formula struct {
	Aggregates []Aggregate
	// Tree is the syntax tree of the whole, in canonical form, in which the i-th
	// aggregate is the column AggregateName(i).
	Tree []byte
	// Reads holds the columns as the text spells them, each once.
	Reads []string
}

// Aggregate is one call of an aggregate.
type Aggregate struct {
	Function string
	Distinct bool     // count only
	Args     [][]byte // syntax trees of single expressions, in canonical form
	Filter   []byte   // the same; nil: all rows
}

// AggregateName stands for the i-th aggregate in the tree of a formula.
func AggregateName(i int) string { return fmt.Sprintf("a%d", i) }

// maxAggregates bounds the calls of one formula: each has numbers for each slice.
const maxAggregates = 20

// aggregateArgs is every aggregate that a formula may call, and how many
// arguments it has. The last one of a quantile is a constant.
var aggregateArgs = map[string]int{"count_star": 0}

func init() {
	for n, list := range map[int]string{
		1: "count count_if countif sum avg mean min max bool_and bool_or median " +
			"var_pop var_samp variance stddev_pop stddev_samp stddev",
		2: "quantile_cont quantile_disc covar_pop covar_samp corr " +
			"regr_slope regr_intercept regr_r2 regr_count regr_avgx regr_avgy regr_sxx regr_syy regr_sxy",
	} {
		for _, name := range strings.Fields(list) {
			aggregateArgs[name] = n
		}
	}
}

// Aggregates lists the aggregates that a formula may call, in order.
func Aggregates() []string {
	return slices.Sorted(maps.Keys(aggregateArgs))
}

// CheckFormula is [Check] for the text of a metric. Errors are of the same types.
func CheckFormula(astJSON []byte, known func(name string) bool) (Formula, error) {
	f, err := checkFormula(astJSON, known)
	return f, ofMetric(err)
}

// CheckFormulaText is [CheckText] for the text of a metric.
func CheckFormulaText(text string) error { return ofMetric(CheckText(text)) }

func checkFormula(astJSON []byte, known func(string) bool) (Formula, error) {
	expression, err := only(astJSON)
	if err != nil {
		return Formula{}, err
	}
	c := &cutter{statement: astJSON, rows: checker{known: known, seen: map[string]bool{}}}
	rest, err := c.cut(expression, place{offset: -1})
	if err != nil {
		return Formula{}, err
	}
	if len(c.found) == 0 {
		return Formula{}, refuse(-1, "a metric sums up rows: it wants an aggregate, such as avg(amount) or count(*)")
	}
	outer := checker{known: func(string) bool { return true }, seen: map[string]bool{}}
	m, err := outer.expr(rest, place{offset: -1})
	if err != nil {
		return Formula{}, err
	}
	if c.size+m.size > maxSize {
		return Formula{}, measure{size: maxSize + 1}.bounded(place{offset: -1})
	}
	tree, err := c.statementOf(rest)
	return Formula{Aggregates: c.found, Tree: tree, Reads: c.rows.reads}, err
}

// cutter takes the aggregates out of a formula.
type cutter struct {
	statement []byte // the whole, for the trees of its parts
	rows      checker
	found     []Aggregate
	size      int
}

// cut is an expression with a column in place of each aggregate. It judges what
// is inside of them; the rest is for the caller to judge.
func (c *cutter) cut(v any, p place) (any, error) {
	switch v := v.(type) {
	case []any:
		for i := range v {
			var err error
			if v[i], err = c.cut(v[i], p); err != nil {
				return nil, err
			}
		}
	case node:
		return c.cutNode(v, p)
	}
	return v, nil
}

func (c *cutter) cutNode(n node, p place) (any, error) {
	if class, ok := n["class"].(string); ok {
		var err error
		if p, err = p.inside(n["query_location"]); err != nil {
			return nil, err
		}
		name, _ := n["function_name"].(string)
		_, listed := functions[name]
		_, aggregate := aggregateArgs[name]
		switch {
		case p.depth > maxDepth:
			return nil, refuse(p.offset, "this slice is nested too deeply: at most %d levels", maxDepth)
		case class == "COLUMN_REF":
			return nil, bareColumn(n, p)
		case class == "FUNCTION" && aggregate:
			return c.aggregate(n, name, p)
		case class == "FUNCTION" && !listed:
			return nil, otherAggregate(name, p)
		}
		if _, ok := kinds[class]; !ok {
			return nil, otherClass(class, p)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(n)) { // an order, so that aggregates have their numbers from it
		cut, err := c.cut(n[field], p)
		if err != nil {
			return nil, err
		}
		n[field] = cut
	}
	return n, nil
}

func bareColumn(n node, p place) error {
	names, _ := n["column_names"].([]any)
	if len(names) != 1 {
		return refuse(p.offset, "a slice names a column alone; where a dot is part of the name, put the name in double quotes")
	}
	name, _ := names[0].(string)
	if clocks[strings.ToLower(name)] {
		return refuse(p.offset, "%s is not allowed in a slice: its rows would differ on each run", name)
	}
	return refuse(p.offset, "%s stands outside of an aggregate: which row's value is meant? Write avg(…), sum(…) or another around it", name)
}

func otherAggregate(name string, p place) error {
	if aggregates[name] || otherAggregates[name] {
		return refuse(p.offset, "%s is not an aggregate that a metric may use: these are %s", called(name), strings.Join(Aggregates(), ", "))
	}
	return otherFunction(name, p)
}

var otherAggregates = set("any_value first last arbitrary mode product string_agg group_concat listagg array_agg list histogram",
	"arg_max arg_min argmax argmin max_by min_by approx_quantile reservoir_quantile skewness kurtosis kurtosis_pop entropy mad sem",
	"fsum kahan_sum sumkahan favg bit_and bit_or bit_xor bitstring_agg quantile sum_no_overflow geomean geometric_mean weighted_avg wavg")

// aggregate judges a call and puts a column in its place.
func (c *cutter) aggregate(n node, name string, p place) (any, error) {
	if err := exactly(n, append([]string{"class", "type", "alias", "query_location"}, functionFields...)...); err != nil {
		return nil, err
	}
	if err := aggregateCall(n, name, p); err != nil {
		return nil, err
	}
	args, ok := n["children"].([]any)
	switch {
	case !ok || n["type"] != "FUNCTION":
		return nil, errShape
	case len(args) != aggregateArgs[name]:
		return nil, refuse(p.offset, "%s does not take %d arguments", called(name), len(args))
	case len(c.found) == maxAggregates:
		return nil, refuse(p.offset, "a metric has at most %d aggregates", maxAggregates)
	}
	a := Aggregate{Function: name, Distinct: n["distinct"] == true}
	if strings.HasPrefix(name, "quantile_") && !isNumber(args[1]) {
		return nil, refuse(p.offset, "the second argument of %s is a number from 0 to 1, such as 0.95", called(name))
	}
	for _, arg := range args {
		tree, err := c.part(arg, p)
		if err != nil {
			return nil, err
		}
		a.Args = append(a.Args, tree)
	}
	if n["filter"] != nil {
		var err error
		if a.Filter, err = c.part(n["filter"], p); err != nil {
			return nil, err
		}
	}
	c.found = append(c.found, a)
	return node{"class": "COLUMN_REF", "type": "COLUMN_REF", "alias": "", "query_location": n["query_location"],
		"column_names": []any{AggregateName(len(c.found) - 1)}}, nil
}

// aggregateCall refuses what SQL can hang on a call besides arguments, DISTINCT
// and FILTER.
func aggregateCall(n node, name string, p place) error {
	orders, _ := n["order_bys"].(node)
	list, ok := orders["orders"].([]any)
	alias, isText := n["alias"].(string)
	switch {
	case alias != "":
		return refuse(p.offset, "nothing in a slice can be given a name; %q is one", alias)
	case len(list) > 0:
		return refuse(p.offset, "%s has no ORDER BY in a slice: no aggregate here depends on the order of rows", called(name))
	case n["distinct"] == true && name != "count":
		return refuse(p.offset, "DISTINCT is for count: count(DISTINCT x)")
	case n["export_state"] == true:
		return refuse(p.offset, "EXPORT_STATE is not allowed in a slice")
	case n["catalog"] != "" || n["schema"] != "" && n["schema"] != "main":
		return refuse(p.offset, "%s is called by its plain name in a slice", called(name))
	case !ok || !isText || orders["type"] != "ORDER_MODIFIER" || n["is_operator"] != false || n["export_state"] != false:
		return errShape
	case n["distinct"] != true && n["distinct"] != false:
		return errShape
	}
	return exactly(orders, "type", "orders")
}

// isNumber says that an expression is a number that is written out.
func isNumber(v any) bool {
	n, _ := v.(node)
	value, _ := n["value"].(node)
	_, plain := value["value"].(json.Number)
	return n["class"] == "CONSTANT" && plain
}

// part judges an expression over rows, and is its tree.
func (c *cutter) part(v any, p place) ([]byte, error) {
	m, err := c.rows.expr(v, p)
	if err != nil {
		return nil, err
	}
	if c.size += m.size; c.size > maxSize {
		return nil, measure{size: c.size}.bounded(p)
	}
	return c.statementOf(v)
}

// statementOf is the tree of a statement of one expression, in canonical form.
// The expression is left as it is.
func (c *cutter) statementOf(expression any) ([]byte, error) {
	root, err := decode(c.statement)
	if err != nil {
		return nil, err
	}
	root["statements"].([]any)[0].(node)["node"].(node)["select_list"] = []any{expression}
	whole, err := json.Marshal(root)
	if err != nil {
		return nil, err
	}
	return Canonical(whole)
}

// Renamed is a checked syntax tree with other names for its columns.
func Renamed(astJSON []byte, to func(string) string) ([]byte, error) {
	root, err := decode(astJSON)
	if err != nil {
		return nil, err
	}
	return json.Marshal(renamed(root, to))
}

// renamed is the tree with other names, in place.
func renamed(v any, to func(string) string) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = renamed(v[i], to)
		}
	case node:
		if names, ok := v["column_names"].([]any); ok && v["class"] == "COLUMN_REF" {
			if name, ok := names[0].(string); ok {
				v["column_names"] = []any{to(name)}
			}
			return v
		}
		for field := range v {
			v[field] = renamed(v[field], to)
		}
	}
	return v
}

// ofMetric puts what is said of a slice in the words for a metric.
func ofMetric(err error) error {
	r, ok := errors.AsType[*Refused](err)
	if !ok {
		return err
	}
	return refuse(r.Offset, metricWords.Replace(r.format), r.args...)
}

var metricWords = strings.NewReplacer(
	"a slice is one true-or-false expression", "a metric is one expression of aggregates",
	"a slice needs a true-or-false expression, such as age > 30", "a metric needs an expression of aggregates, such as avg(amount)",
	"is not allowed in a slice: a slice looks at one row at a time", "is not allowed inside of an aggregate: aggregates do not nest",
	"is not allowed in a slice: its rows would differ", "is not allowed in a metric: its value would differ",
	"a slice looks at one row at a time; window functions", "window functions",
	"; a column in the data that says who belongs would serve better", "",
	": a column in the data that says who belongs would serve better", "",
	"a slice is about", "a metric is about", "a slice", "a metric", "this slice", "this metric")
