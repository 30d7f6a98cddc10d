package spec

import (
	"slices"
	"strings"
)

// The grammar of noworse.yaml: which settings there are, what they look like,
// and what editors say about them. Whether the settings make sense together is
// judged later, on the typed values.

// Patterns of names and texts. They are read by Go and by the JavaScript of
// editors, so they use only what both understand.
const (
	namePattern = `^([A-Za-z0-9._-]|\$\{[A-Za-z_][A-Za-z0-9_]*\})+$` // as written; judged again once variables are read
	keyPattern  = `^[A-Za-z0-9._-]+$`
	freePattern = `^[^\x00-\x1f\x7f]+$`
	urlPattern  = `^[A-Za-z][A-Za-z0-9+.-]*://`
	envPattern  = `\$\{`
)

func grammar(v Vocabulary) *shape {
	rules := rulesShape(v)
	return &shape{
		kind:  objectShape,
		doc:   "A noworse spec: the data, the models and the rules of a gate that tells whether a candidate model is no worse than a baseline.",
		wants: "a map of settings",
		fields: []field{
			{name: "version", required: mandatory, shape: &shape{kind: numberShape, exactly: bound(1), exactlyElse: "this noworse reads version 1 of the spec",
				wants: "the number 1", doc: "Version of the spec's language. This is 1."}},
			{name: "name", shape: &shape{kind: textShape, pattern: namePattern, wants: nameWants,
				doc: "Name of this gate in results and reports. Letters, digits, dot, underscore and hyphen. Default: the name of the file."}},
			{name: "extends", shape: &shape{kind: textShape, forbidden: urlPattern, noEnv: "which rules hold must not depend on who runs them", wants: "the path of another spec",
				doc: "Another spec whose settings are defaults for this one, relative to this file. Maps are merged key by key; lists and single values replace."}},
			{name: "task", required: required, shape: &shape{kind: enumShape, wants: "one of binary, multiclass, regression", names: []name{
				{string(Binary), ""}, {string(Multiclass), ""}, {string(Regression), ""}}, doc: "What kind of answer the models give: binary, multiclass or regression."}},
			{name: "data", required: required, shape: dataShape()},
			{name: "candidate", required: required, shape: modelShape(), doc: "The model under test."},
			{name: "baseline", shape: baselineShape(), doc: "The model that the candidate must not be worse than. Without it only min and max can be judged."},
			{name: "metrics", shape: rules, doc: "Checks on the whole evaluation set. {} checks the task's usual metrics with their default margins."},
			{name: "slices", shape: slicesShape(v)},
			{name: "gaps", shape: gapsShape(v)},
			{name: "flips", shape: flipsShape()},
			{name: "behavior", shape: behaviorShape()},
			{name: "latency", shape: latencyShape()},
			{name: "memory", shape: memoryShape()},
			{name: "parity", shape: parityShape()},
			{name: "drift", shape: driftShape()},
			{name: "contract", shape: contractShape()},
			{name: "decision", shape: decisionShape()},
		},
		atLeastOne: []string{"metrics", "slices", "gaps", "flips", "behavior", "latency", "memory", "parity", "drift", "contract"},
		without:    "there is nothing to check: add metrics, slices, gaps, flips, behavior, latency, memory, parity, drift or contract",
	}
}

const nameWants = "a name of letters, digits, dots, underscores and hyphens"

func dataShape() *shape {
	return &shape{
		kind: objectShape, wants: "a map with eval", doc: "The rows that the models are judged on.",
		fields: []field{
			{name: "eval", required: required, shape: evalShape()},
			{name: "reference", shape: tableShape("The rows that the model was trained on, or their profile: what drift compares with.")},
			{name: "production", shape: tableShape("Recent rows that the model was asked about: what drift compares.")},
		},
	}
}

func column(doc string) *shape {
	return &shape{kind: textShape, wants: "the name of a column", doc: doc}
}

// path is a path of data: local or remote.
func path(doc string) *shape {
	return &shape{kind: textShape, remote: true, wants: "a path", doc: doc}
}

func directory(doc string) *shape {
	return &shape{kind: textShape, forbidden: urlPattern, wants: "a local directory", doc: doc}
}

func literal(doc string) *shape {
	return &shape{kind: literalShape, wants: "a single value, or null", doc: doc}
}

func value(doc string) *shape {
	return &shape{kind: textShape, wants: "a single value such as 1 or \"yes\"", doc: doc}
}

func evalShape() *shape {
	return &shape{
		kind: objectShape, wants: "a map with path and label", doc: "The evaluation set: fixed labelled rows that no model was trained on.",
		fields: []field{
			{name: "path", shape: path("Parquet, CSV, TSV or JSON Lines file, or a glob, relative to this file; or a file at s3://, gs://, azblob:// or https://.")},
			{name: "python", shape: rowsShape()},
			{name: "join", shape: &shape{kind: listShape, atLeast: 1, wants: "a list such as [{path: data/customers.parquet, id: customer_id}]",
				doc: "More columns from other tables, for slices.", elem: joinShape()}},
			{name: "id", shape: column("Column that is the unique key of a row. Pairs rows with predictions that are in a file of their own.")},
			{name: "label", required: required, shape: column("Column with the true answer.")},
			{name: "positive", shape: value("Binary: the label value that counts as positive. Inferred only for 0 and 1, -1 and 1, and booleans.")},
			{name: "classes", shape: &shape{kind: listShape, atLeast: 2, wants: "a list of label values such as [a, b]", elem: value("A label value."),
				doc: "All label values, when some may be absent from the set. Default: those that the labels show."}},
			{name: "features", shape: &shape{kind: listShape, atLeast: 1, wants: "a list of columns such as [age, income]", elem: column("A column."),
				doc: "The columns that models are given. Default: every column without a role."}},
			{name: "weight", shape: column("Column with the weight of a row.")},
			{name: "time", shape: column("Column with the time of a row; times without a zone are UTC.")},
			{name: "group", shape: column("Column that groups rows which are not independent, such as the rows of one customer.")},
			{name: "unlabelled", shape: &shape{kind: enumShape, wants: "error or drop", names: []name{{string(UnlabelledError), ""}, {string(UnlabelledDrop), ""}},
				doc: "What to do with rows without a label: error (the default) or drop."}},
			{name: "version", shape: &shape{kind: textShape, wants: "a name such as v2", doc: "The team's own name for this set; kept in results."}},
		},
		atLeastOne: []string{"path", "python"}, without: "eval names no rows: add path, a file, or python, a function",
	}
}

func joinShape() *shape {
	return &shape{kind: objectShape, wants: "a map with path and id", doc: "One more table.", fields: []field{
		{name: "path", required: required, shape: path("The table's file or glob, relative to this file.")},
		{name: "id", required: required, shape: column("Column that both the evaluation set and this table have.")},
	}}
}

func modelShape() *shape {
	return &shape{
		kind: objectShape, wants: "a map with predictions, onnx, python, http or mlflow", doc: "A model: its recorded answers, or one that runs.",
		fields: append([]field{
			{name: "predictions", shape: predictionsShape()},
			{name: "threshold", shape: &shape{kind: numberShape, low: bound(0), high: bound(1), wants: "a number from 0 to 1 such as 0.5",
				doc: "Binary: a score at or above this is positive. Default: the model's own label, else 0.5."}},
		}, liveFields()...),
		atLeastOne: modelForms(),
		without:    "this names no model: add predictions, onnx, python, http or mlflow",
	}
}

// baselineShape is a model, or the store that `noworse baseline accept` keeps.
func baselineShape() *shape {
	s := modelShape()
	s.wants, s.doc = "a map with store, predictions or another form of a model", "The model that the candidate must not be worse than: kept in a store, as its recorded answers, or one that runs. "+
		"Beside a store, one that runs is for what must be measured live: latency, memory, behavior."
	s.fields = append(s.fields,
		field{name: "store", shape: directory("Directory, relative to this file, in which `noworse baseline accept` keeps what it accepts.")},
		field{name: "rows", shape: directory("Store: directory of its own for the answers row by row. Default: within the store; above 20 MB they must be elsewhere.")},
		field{name: "anchor", shape: anchorShape()})
	s.atLeastOne, s.without = append([]string{"store"}, modelForms()...), "baseline names no model: add store, predictions, onnx, python, http or mlflow"
	return s
}

func predictionsShape() *shape {
	return &shape{
		kind: objectShape, wants: "a map with path, id, label, score or scores", ref: "predictions",
		doc: "Answers that a model gave: in a file of their own, joined by id, or in columns of the evaluation set when path is left out.",
		fields: []field{
			{name: "path", shape: path("File with the answers, relative to this file. Left out: the columns are in the evaluation set.")},
			{name: "id", shape: column("Column of that file to pair rows by. Default: the name of data.eval.id.")},
			{name: "label", shape: column("Column with the predicted class; for regression, the predicted number.")},
			{name: "score", shape: column("Binary: column with the probability of the positive class.")},
			{name: "scores", shape: &shape{kind: mapShape, atLeast: 2, wants: "a map of classes to columns such as {cat: p_cat, dog: p_dog}",
				keyPattern: freePattern, keyWants: "a class: text without control characters",
				elem: column("Column with this class's probability."), doc: "Multiclass: for every class the column with its probability."}},
		},
		elsewhere:  map[string]string{"threshold": "threshold stands beside predictions, not in it"},
		atLeastOne: []string{"label", "score", "scores"},
		without:    "predictions names no column with answers: add label, score or scores",
	}
}

func slicesShape(v Vocabulary) *shape {
	return &shape{
		kind: objectShape, wants: "a map with named or by", doc: "Subsets of rows that are checked on their own.",
		fields: []field{
			{name: "min_rows", shape: &shape{kind: numberShape, whole: true, low: bound(1), high: bound(1e9), wants: "a whole number of at least 1 such as 50",
				doc: "Slices with fewer rows are skipped, and said so. Default: 50."}},
			{name: "rules", shape: rulesShape(v), doc: "The checks that every slice gets. Default: accuracy may drop by 0.03."},
			{name: "named", shape: &shape{kind: mapShape, keyPattern: freePattern, keyWants: "a name without control characters",
				wants: "a map of names to conditions such as {new_users: age < 7}", doc: "Slices by condition: SQL boolean expressions over the evaluation set's columns.",
				elem: namedShape(v)}},
			{name: "by", shape: &shape{kind: listShape, atLeast: 1, wants: "a list of columns such as [tier, [platform, region]]", elem: byShape(),
				doc: "A slice for every value of a column, or for every combination of the values of several. Severity warn unless said."}},
		},
	}
}

func predicate() *shape {
	return &shape{kind: textShape, noEnv: "which rows are checked must not depend on who runs the check",
		wants: "a SQL condition such as age < 7", doc: "SQL boolean expression over the evaluation set's columns. Variables are not read here."}
}

func namedShape(v Vocabulary) *shape {
	return &shape{kind: oneOfShape, wants: "a condition such as age < 7, or a map with where", doc: "A condition, or a map with where, rules and severity.", either: []*shape{
		predicate(),
		{kind: objectShape, wants: "a map with where", fields: []field{
			{name: "where", required: required, shape: predicate()},
			{name: "rules", shape: rulesShape(v), doc: "Checks for this slice, besides the shared ones or in their place."},
			{name: "severity", shape: severityShape()},
		}},
	}}
}

func byShape() *shape {
	several := &shape{kind: listShape, atLeast: 1, wants: "a list of columns", elem: column("A column."), doc: "The columns whose combinations make the slices."}
	return &shape{kind: oneOfShape, wants: "a column, a list of columns, or a map with columns", doc: "A column, a list of columns, or a map with columns and severity.", either: []*shape{
		column("A column."),
		several,
		{kind: objectShape, wants: "a map with columns", fields: []field{
			{name: "columns", required: required, shape: several},
			{name: "severity", shape: severityShape()},
		}},
	}}
}

func severityShape() *shape {
	return &shape{kind: enumShape, ref: "severity", wants: "block or warn", names: []name{{string(Block), ""}, {string(Warn), ""}},
		doc: "Whether a check that does not pass decides the exit code (block) or is only told (warn)."}
}

// rulesShape is a map of metrics to their rules. An entry whose key is no
// metric has to say which metric it is about.
func rulesShape(v Vocabulary) *shape {
	return &shape{
		kind: mapShape, ref: "rules", wants: "a map of metrics to rules such as {accuracy: {max_drop: 0.02}}",
		doc:        "Metrics and what they must satisfy.",
		keyPattern: keyPattern, keyWants: nameWants,
		names: metricNames(v), namesWhat: "metric", otherwise: []string{"metric", "cost", "sql"}, aliases: metricAliases(v),
		elem: ruleShape(v),
	}
}

func metricAliases(v Vocabulary) map[string]string {
	all := map[string]string{}
	for _, m := range v {
		for _, alias := range m.Aliases {
			all[alias] = m.Name
		}
	}
	return all
}

func metricNames(v Vocabulary) []name {
	out := make([]name, len(v))
	for i, m := range v {
		out[i] = name{m.Name, describeMetric(m)}
	}
	return out
}

func ruleShape(v Vocabulary) *shape {
	limit := func(doc string) *shape { return &shape{kind: numberShape, wants: "a number such as 0.8", doc: doc} }
	return &shape{
		kind: oneOfShape, ref: "rule", wants: "a margin such as 0.02 or 2%, or a map of limits such as {max_drop: 0.02}",
		doc: "A margin (0.02, or 2% of the baseline): the tolerated worsening. Or a map of limits; {} is the default margin.",
		either: []*shape{
			marginOf("The tolerated worsening: 0.02, or 2% of the baseline."),
			{kind: objectShape, wants: "a map of limits such as {max_drop: 0.02}",
				fields: slices.Concat([]field{
					{name: "metric", shape: metricShape(v)},
					{name: "cost", shape: costShape()},
					{name: "sql", shape: formula()},
					{name: "better", shape: &shape{kind: enumShape, wants: "higher or lower", names: []name{{string(Higher), ""}, {string(Lower), ""}},
						doc: "With sql: which way the metric is better. Not needed where max_drop or max_rise says it."}},
					{name: "max_drop", shape: marginOf("For metrics that are better when higher: how far below the baseline is tolerated.")},
					{name: "max_rise", shape: marginOf("For metrics that are better when lower: how far above the baseline is tolerated.")},
					{name: "max_change", shape: marginOf("For metrics without a better side: how far from the baseline, either way, is tolerated.")},
					{name: "min", shape: limit("The metric must be at least this, whatever the baseline.")},
					{name: "max", shape: limit("The metric must be at most this, whatever the baseline.")},
					{name: "severity", shape: severityShape()},
				}, totalFields(), parameterFields())},
		},
	}
}

func formula() *shape {
	return &shape{kind: textShape, noEnv: "what is checked must not depend on who runs the check",
		wants: "an SQL expression of aggregates such as sum(amount) / count(*)",
		doc:   "A metric of your own: an SQL expression of aggregates over label, prediction, score and the evaluation set's columns. Variables are not read here."}
}

func metricShape(v Vocabulary) *shape {
	return &shape{kind: enumShape, names: metricNames(v), namesWhat: "metric", aliases: metricAliases(v), wants: "the name of a metric",
		doc: "The metric, when the rule's key is a name of your own."}
}

func marginOf(doc string) *shape {
	return &shape{kind: marginShape, ref: "margin", wants: "a number such as 0.02 or a share such as 2%", doc: doc}
}

// describeMetric is the hover text of a metric.
func describeMetric(m MetricInfo) string {
	out := map[Direction]string{Higher: "Better when higher.", Lower: "Better when lower.", Neither: "Neither side is better."}[m.Better]
	if m.Bounded {
		out += " From 0 to 1."
	}
	if m.Scores {
		out += " Needs scores."
	}
	if len(m.Takes) > 0 {
		out += " Takes " + strings.Join(m.Takes, ", ") + "."
	}
	return out
}
