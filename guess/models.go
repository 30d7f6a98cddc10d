package guess

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// findModels finds the answers of both models, in files of their own or in
// columns of the data.
func (d *Draft) findModels() {
	in := d.Input
	if d.Task.Value == "" {
		d.tellModels()
		return
	}
	if in.Candidate != nil {
		d.Candidate = d.inFile(in.Candidate, in.CandidateAnswers, "candidate")
	}
	if in.Baseline != nil {
		d.Baseline = d.inFile(in.Baseline, in.BaselineAnswers, "baseline")
	}
	if in.Candidate == nil || in.Baseline == nil {
		d.inData()
	}
	if in.Candidate == nil && d.Candidate == nil {
		d.tellModels()
	}
}

// tellModels says that there is no candidate, where nothing else has said so.
func (d *Draft) tellModels() {
	if d.Input.Candidate != nil || d.Input.CandidateAnswers.stated() || d.hasMissing("the candidate") {
		return
	}
	if d.Task.Value == "" && len(d.groups()) > 0 {
		return
	}
	var all []*Column
	for i := range d.Input.Data.Columns {
		all = append(all, &d.Input.Data.Columns[i])
	}
	d.missing("the candidate", "no column of "+d.Input.Data.Path+" looks like a model's answers"+d.whyNot(all),
		"--candidate FILE names the file with its predictions, --prediction COLUMN or --score COLUMN a column of the data")
}

func (d *Draft) hasMissing(what string) bool {
	return slices.ContainsFunc(d.Missing, func(m Missing) bool { return m.What == what })
}

// labelClasses are the label's values.
func (d *Draft) labelClasses() []string {
	if c := d.Input.Data.column(d.Label.Value); c != nil {
		return c.classes()
	}
	return nil
}

// inFile finds the answers in a file of a model's predictions.
func (d *Draft) inFile(t *Table, stated Answers, role string) *Model {
	m := &Model{Path: t.Path}
	var id *Column
	if c := d.Input.Data.column(d.ID.Value); c != nil {
		if id = idOf(t, c); id != nil && id.Name != c.Name {
			m.ID = said(id.Name, "different in every row")
		}
	}
	var list []*Column
	for i := range t.Columns {
		c := &t.Columns[i]
		if c != id && (c.Name != d.Label.Value || len(t.Columns) == 2) && c.Twin == "" {
			list = append(list, c)
		}
	}
	d.answers(m, list, stated, role, t.Path, len(list) == 1)
	return m
}

// flag is the flag that names a column of a model's answers.
func flag(role, what string) string {
	if role == "baseline" {
		return "--baseline-" + what
	}
	return "--" + what
}

// answers fills in which of some columns are a model's answers.
func (d *Draft) answers(m *Model, list []*Column, stated Answers, role, path string, alone bool) {
	if stated.stated() {
		if stated.Prediction != "" {
			m.Label = said(stated.Prediction, "")
		}
		if stated.Score != "" {
			m.Score = said(stated.Score, "")
		}
		return
	}
	switch d.Task.Value {
	case "binary":
		d.pickScore(m, list, role, path)
		d.pickAnswer(m, list, role, path, alone)
	case "multiclass":
		d.pickScores(m, list)
		d.pickAnswer(m, list, role, path, alone)
	default:
		d.pickNumber(m, list, role, path, alone)
	}
	if m.Label.Value == "" && m.Score.Value == "" && len(m.Scores) == 0 && !d.hasMissing("the "+role) {
		d.missing("the "+role, fmt.Sprintf("no column of %s looks like a model's answers%s", path, d.whyNot(list)),
			fmt.Sprintf("%s COLUMN or %s COLUMN names it", flag(role, "prediction"), flag(role, "score")))
	}
}

// whyNot explains a column that is named like answers and cannot be any.
func (d *Draft) whyNot(list []*Column) string {
	for _, c := range list {
		w := words(c.Name)
		switch {
		case d.spoken(c.Name):
		case !any1(w, scoreWords) && !any1(w, answerWords):
		case d.Task.Value == "regression" && !c.number():
			return fmt.Sprintf(": %s holds no numbers", c.Name)
		case c.Nulls > 0:
			return fmt.Sprintf(": %s is empty in %s", c.Name, plural(c.Nulls, "row", "rows"))
		case c.Odd:
			return fmt.Sprintf(": %s is NaN or infinite in some rows", c.Name)
		case c.number() && c.Min >= 0 && c.Max > 1 && c.Max <= 100:
			return fmt.Sprintf(": %s goes from %s to %s, which is no probability; divide percentages by 100", c.Name, short(c.Min), short(c.Max))
		case c.number() && (c.Min < 0 || c.Max > 1):
			return fmt.Sprintf(": %s goes from %s to %s, which is no probability", c.Name, short(c.Min), short(c.Max))
		case !c.Many:
			return fmt.Sprintf(": %s has values such as %s, which are no labels", c.Name, quoteList(c.classes(), 3))
		}
	}
	return ""
}

func short(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }

// choose is the one column that is best, by rank; nil and more than one where
// several are as good.
func choose(list []*Column, rank func(*Column) int) (*Column, []string) {
	var best []*Column
	most := 1
	for _, c := range list {
		switch r := rank(c); {
		case r < most:
		case r > most:
			best, most = []*Column{c}, r
		default:
			best = append(best, c)
		}
	}
	if len(best) == 1 {
		return best[0], nil
	}
	var names []string
	for _, c := range best {
		names = append(names, c.Name)
	}
	return nil, names
}

func (d *Draft) ambiguous(role, path, what string, names []string) {
	if len(names) > 1 {
		d.missing("the "+role, fmt.Sprintf("its %s in %s may be any of %s", what, path, quoteList(names, 10)), flag(role, what)+" COLUMN names it")
	}
}

// pickScore finds the probability of the positive class.
func (d *Draft) pickScore(m *Model, list []*Column, role, path string) {
	c, names := choose(list, func(c *Column) int {
		switch w := words(c.Name); {
		case !c.probability():
			return 0
		case any1(w, scoreWords):
			return 3
		case any1(w, answerWords):
			return 2
		}
		return 1
	})
	d.ambiguous(role, path, "score", names)
	if c != nil {
		m.Score = said(c.Name, fmt.Sprintf("from %s to %s: taken for the probability of %s", short(c.Min), short(c.Max), d.Positive.Value))
	}
}

// pickAnswer finds the predicted class.
func (d *Draft) pickAnswer(m *Model, list []*Column, role, path string, alone bool) {
	classes := d.labelClasses()
	c, names := choose(list, func(c *Column) int {
		w := words(c.Name)
		switch {
		case c.Many || c.Nulls > 0 || !covers(classes, c.classes()) || c.Name == m.Score.Value:
			return 0
		case any1(w, answerWords):
			return 3
		case any1(w, scoreWords) || any1(w, labelWords) || labelNames[plainName(c.Name)] || c.Name == d.Label.Value:
			return 2
		case alone:
			return 1
		}
		return 0
	})
	d.ambiguous(role, path, "prediction", names)
	if c == nil {
		return
	}
	why := "its values are those of the label"
	if any1(words(c.Name), scoreWords) && !any1(words(c.Name), answerWords) {
		why += ", so it is an answer and no probability"
	}
	m.Label = said(c.Name, why)
}

// pickScores finds a column of probabilities for every class.
func (d *Draft) pickScores(m *Model, list []*Column) {
	classes := slices.Clone(d.labelClasses())
	slices.Sort(classes)
	var scores []Said
	for _, class := range classes {
		i := slices.IndexFunc(list, func(c *Column) bool {
			return c.number() && !c.Odd && c.Nulls == 0 && c.Min >= 0 && c.Max <= 1 && namesClass(c.Name, class)
		})
		if i < 0 {
			return
		}
		scores = append(scores, said(list[i].Name, ""))
	}
	m.Scores, m.Classes = scores, classes
}

// namesClass says whether a column is named for a class: cat, p_cat,
// score_cat, new_prob_cat.
func namesClass(column, class string) bool {
	have, want := words(column), words(class)
	if strings.Trim(class, "0123456789") == "" { // p0 and prob1 are not two words
		head := strings.TrimSuffix(column, class)
		return head != column && (head == "" || any1(words(head), scoreWords) || any1(words(head), answerWords) || any1(words(head), labelWords) || plainName(head) == "class")
	}
	if len(want) == 0 || len(have) < len(want) || !slices.Equal(have[len(have)-len(want):], want) {
		return false
	}
	return len(have) == len(want) || any1(have[:len(have)-len(want)], scoreWords) || any1(have[:len(have)-len(want)], answerWords)
}

// pickNumber finds the predicted amount.
func (d *Draft) pickNumber(m *Model, list []*Column, role, path string, alone bool) {
	c, names := choose(list, func(c *Column) int {
		w := words(c.Name)
		switch {
		case !c.number() || c.Nulls > 0 || c.Odd:
			return 0
		case any1(w, answerWords):
			return 3
		case any1(w, scoreWords) || c.Name == d.Label.Value:
			return 2
		case alone:
			return 1
		}
		return 0
	})
	d.ambiguous(role, path, "prediction", names)
	if c != nil {
		m.Label = said(c.Name, "numbers from "+short(c.Min)+" to "+short(c.Max))
	}
}

// group is the columns of the data that one model's answers may be: those whose
// names differ only in what kind of answer they are.
type group struct {
	key     string // old, v42
	columns []*Column
}

// groups sorts the columns that are named like answers by model.
func (d *Draft) groups() []group {
	var list []group
	data := &d.Input.Data
	for i := range data.Columns {
		c := &data.Columns[i]
		if c.Name == d.Label.Value || c.Name == d.ID.Value || c.Twin != "" || !d.namedAnswer(c) {
			continue
		}
		key := d.modelKey(c.Name)
		k := slices.IndexFunc(list, func(g group) bool { return g.key == key })
		if k < 0 {
			k = len(list)
			list = append(list, group{key: key})
		}
		list[k].columns = append(list[k].columns, c)
	}
	return list
}

// namedAnswer says whether a column is named like answers and holds some: what
// is named a score may be a feature, so its values must be probabilities or
// classes.
func (d *Draft) namedAnswer(c *Column) bool {
	w := words(c.Name)
	switch {
	case any1(w, answerWords):
		return true
	case any1(w, scoreWords):
		return c.probability() || !c.Many && covers(d.labelClasses(), c.classes())
	}
	return d.Task.Value == "multiclass" && c.probability() && slices.ContainsFunc(d.labelClasses(), func(class string) bool {
		return namesClass(c.Name, class)
	})
}

// modelKey is what is left of a name without the words for kinds of answers.
func (d *Draft) modelKey(name string) string {
	for _, class := range d.labelClasses() {
		if d.Task.Value == "multiclass" && namesClass(name, class) {
			name = strings.TrimSuffix(plainName(name), plainName(class))
			break
		}
	}
	var rest []string
	for _, w := range words(name) {
		if !answerWords[w] && !scoreWords[w] && !labelWords[w] && !labelNames[w] && w != "value" && w != "model" {
			rest = append(rest, w)
		}
	}
	return strings.Join(rest, "_")
}

// inData finds answers in columns of the data, for the models that have no file.
func (d *Draft) inData() {
	in := d.Input
	if in.CandidateAnswers.stated() || in.BaselineAnswers.stated() {
		d.statedInData()
		return
	}
	groups := d.groups()
	switch {
	case len(groups) == 0:
	case in.Candidate != nil:
		d.Baseline = d.only(groups, "baseline", "the data has the answers of another model, taken for the one in use")
	case in.Baseline != nil:
		d.Candidate = d.only(groups, "candidate", "")
	case len(groups) == 1:
		d.Candidate = d.ofGroup(groups[0], "candidate", "the only model whose answers the data has")
	case len(groups) == 2:
		d.both(groups[0], groups[1])
	default:
		d.tooMany(groups, "candidate")
	}
}

// statedInData takes the columns that flags name.
func (d *Draft) statedInData() {
	in := d.Input
	if in.Candidate == nil && in.CandidateAnswers.stated() {
		d.Candidate = &Model{}
		d.answers(d.Candidate, nil, in.CandidateAnswers, "candidate", in.Data.Path, false)
	}
	if in.Baseline == nil && in.BaselineAnswers.stated() {
		d.Baseline = &Model{}
		d.answers(d.Baseline, nil, in.BaselineAnswers, "baseline", in.Data.Path, false)
	}
}

func (d *Draft) only(groups []group, role, why string) *Model {
	if len(groups) > 1 {
		if role == "candidate" {
			d.tooMany(groups, role)
		}
		return nil
	}
	return d.ofGroup(groups[0], role, why)
}

func (d *Draft) tooMany(groups []group, role string) {
	var names []string
	for _, g := range groups {
		names = append(names, g.columns[0].Name)
	}
	d.missing("the "+role, "the data has the answers of several models: "+quoteList(names, 10),
		"--prediction COLUMN or --score COLUMN names the candidate's, --baseline-prediction or --baseline-score the baseline's")
}

func (d *Draft) ofGroup(g group, role, why string) *Model {
	m := &Model{Why: why}
	d.answers(m, g.columns, Answers{}, role, d.Input.Data.Path, len(g.columns) == 1)
	return m
}

// both tells which of two models is the new one, by their names; a guess by
// their order could turn a regression into a progress.
func (d *Draft) both(a, b group) {
	oldFirst, why := order(a.key, b.key)
	if why == "" {
		oldFirst, why = order(b.key, a.key)
		a, b = b, a
	}
	if why == "" {
		d.tooMany([]group{b, a}, "candidate")
		return
	}
	if !oldFirst {
		a, b = b, a
	}
	d.Baseline = d.ofGroup(a, "baseline", why)
	d.Candidate = d.ofGroup(b, "candidate", why)
}

// order says whether a is the older of two models, and why; "" if that cannot
// be told from a.
func order(a, b string) (oldFirst bool, why string) {
	x, y := strings.Split(a, "_"), strings.Split(b, "_")
	switch {
	case any1(x, baselineWords) && !any1(y, baselineWords), any1(y, candidateWords) && !any1(x, candidateWords):
		return true, "by their names: " + orNothing(a) + ", then " + orNothing(b)
	}
	m, p := numbered(a)
	n, q := numbered(b)
	if p == q && m >= 0 && n >= 0 && m < n {
		return true, "by their names: " + a + ", then " + b
	}
	return false, ""
}

func orNothing(key string) string {
	if key == "" {
		return "no prefix"
	}
	return key
}

// numbered splits v42 into 42 and v; the number is -1 where there is none.
func numbered(key string) (int, string) {
	head := strings.TrimRight(key, "0123456789")
	n, err := strconv.Atoi(key[len(head):])
	if err != nil {
		return -1, head
	}
	return n, head
}
