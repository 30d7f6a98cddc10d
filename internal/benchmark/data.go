package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go-bindings"

	"github.com/noworse/noworse/metric"
)

// generate makes the evaluation set, once: an id, a label, the scores of two
// models, four categorical columns with 100 values together and 20 features.
// Every number comes from a hash of the row, so that a set is the same each time.
func generate(dir string, rows int) (string, error) {
	path := filepath.Join(dir, fmt.Sprintf("eval-%d.parquet", rows))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	fmt.Fprintf(os.Stderr, "generating %s\n", path)
	uniform := func(salt int) string {
		return fmt.Sprintf("(hash(i + %d::BIGINT * 1000000007) >> 11) * 1.1102230246251565e-16", salt)
	}
	columns := []string{
		"i AS id", "label",
		fmt.Sprintf("0.30 * label + 0.70 * %s AS score_a", uniform(1)),
		fmt.Sprintf("0.31 * label + 0.69 * (0.9 * %s + 0.1 * %s) AS score_b", uniform(1), uniform(2)),
		"['free', 'plus', 'business', 'enterprise'][1 + (hash(i + 3) % 4)::INT] AS tier",
		"'region_' || (hash(i + 4) % 40) AS region",
		"'segment_' || (hash(i + 5) % 40) AS segment",
		"'device_' || (hash(i + 6) % 16) AS device",
	}
	for f := range 20 {
		columns = append(columns, fmt.Sprintf("100 * %s AS f%02d", uniform(10+f), f))
	}
	from := fmt.Sprintf("(SELECT i, (%s < 0.3)::INTEGER AS label FROM range(%d) t(i))", uniform(0), rows)
	part := path + ".part"
	err := query(fmt.Sprintf("COPY (SELECT %s FROM %s) TO '%s' (FORMAT parquet)", strings.Join(columns, ", "), from, part))
	if err != nil {
		return "", err
	}
	return path, os.Rename(part, path)
}

// sumColumns is the scan: the sum of every numeric column.
func sumColumns(path string) error {
	numeric := []string{"id", "label", "score_a", "score_b"}
	for f := range 20 {
		numeric = append(numeric, fmt.Sprintf("f%02d", f))
	}
	return query(fmt.Sprintf("SELECT sum(%s) FROM '%s'", strings.Join(numeric, "), sum("), path))
}

// query runs one statement in a DuckDB of its own.
func query(statement string) error {
	var db duckdb_go_bindings.Database
	var con duckdb_go_bindings.Connection
	var res duckdb_go_bindings.Result
	if duckdb_go_bindings.Open("", &db) == duckdb_go_bindings.StateError {
		return errors.New("DuckDB does not start")
	}
	defer duckdb_go_bindings.Close(&db)
	if duckdb_go_bindings.Connect(db, &con) == duckdb_go_bindings.StateError {
		return errors.New("DuckDB does not connect")
	}
	defer duckdb_go_bindings.Disconnect(&con)
	defer duckdb_go_bindings.DestroyResult(&res)
	if duckdb_go_bindings.Query(con, statement, &res) == duckdb_go_bindings.StateError {
		return errors.New(duckdb_go_bindings.ResultError(&res))
	}
	return nil
}

// spec is one kind of check that is measured.
type spec struct{ name, title, text string }

// specs are checks of the same slices: every value of the four categorical
// columns, and twenty predicates that hold for 2 to 50 % of the rows. Some judge
// by the values alone, some by evidence, which is the default.
func specs(data string) []spec {
	var named strings.Builder
	for i := range 20 {
		fmt.Fprintf(&named, "    n%d: f%02d > %v\n", i, i, 50+2.5*float64(i))
	}
	make := func(name, title, metrics, rules, fail string) spec {
		return spec{name, title, fmt.Sprintf(`version: 1
task: binary
decision: {fail: %s}
data:
  eval: {path: %s, id: id, label: label}
candidate: {predictions: {score: score_b}}
baseline: {predictions: {score: score_a}}
metrics: {%s}
slices:
  rules: {%s}
  named:
%s  by: [tier, region, segment, device]
`, fail, filepath.Base(data), metrics, rules, named.String())}
	}
	const counts, losses = "accuracy: 0.5, f1_weighted: 0.5", ", log_loss: 9, brier: 9, high_confidence_error_rate: 0.5"
	const inSlices = "accuracy: 0.5, f1: 0.5, log_loss: 9"
	list := []spec{
		make("counts", "counts", counts, "accuracy: 0.5, f1: 0.5", "point"),
		make("losses", "counts and losses", counts+losses, inSlices, "point"),
	}
	for _, fail := range []string{"point", "evidence"} {
		list = append(list,
			make("areas-"+fail, "with exact AUC, by "+fail, counts+losses+", roc_auc: 0.5", inSlices+", roc_auc: 0.5", fail),
			make("every-"+fail, "every metric, by "+fail, every(), inSlices+", roc_auc: 0.5", fail))
	}
	return list
}

// every is a rule for each metric of two classes, wide enough to pass.
func every() string {
	limits := map[metric.Better]string{metric.Higher: "max_drop", metric.Lower: "max_rise", metric.Neither: "max_change"}
	var rules []string
	for _, m := range metric.All() {
		if slices.Contains(m.Tasks, metric.Binary) {
			parameters := ""
			if slices.Contains(m.Takes, "beta") {
				parameters = ", beta: 2"
			}
			rules = append(rules, fmt.Sprintf("%s: {%s: 0.9%s}", m.Name, limits[m.Better], parameters))
		}
	}
	return strings.Join(rules, ", ")
}
