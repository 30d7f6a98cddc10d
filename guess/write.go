package guess

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// commentAt is the column at which comments stand, and widest where they wrap.
const (
	commentAt = 34
	widest    = 118
)

// Write writes the draft as a spec with comments. path says how a path is
// written in it.
func Write(d *Draft, f Facts, path func(string) string) string {
	w := &writer{d: d, facts: f, path: path}
	w.head()
	w.data()
	w.model("candidate", d.Candidate, "the model under test")
	w.model("baseline", d.Baseline, "the model it must not be worse than")
	w.metrics()
	w.slices()
	return w.b.String()
}

type writer struct {
	d     *Draft
	facts Facts
	path  func(string) string
	b     strings.Builder
}

// line writes a line, and beside it why; a long reason goes on below.
func (w *writer) line(text, why string) {
	if why == "" {
		w.b.WriteString(strings.TrimRight(text, " ") + "\n")
		return
	}
	if n := commentAt - len([]rune(text)); n > 0 {
		text += strings.Repeat(" ", n)
	} else {
		text += "  "
	}
	indent := len([]rune(text))
	if indent > 70 {
		indent = commentAt
	}
	for i, l := range wrapText(oneLine(why), widest-2-indent) {
		if i > 0 {
			text = strings.Repeat(" ", indent)
		}
		w.b.WriteString(text + "# " + l + "\n")
	}
}

// comment writes sentences on lines of their own.
func (w *writer) comment(indent int, text string) {
	for _, l := range wrapText(oneLine(text), widest-2-indent) {
		w.b.WriteString(strings.Repeat(" ", indent) + "# " + l + "\n")
	}
}

func wrapText(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

func (w *writer) blank() { w.b.WriteString("\n") }

// setting writes a setting that was guessed; an empty one is left out.
func (w *writer) setting(indent int, key string, s Said) {
	if s.Value != "" {
		w.line(strings.Repeat(" ", indent)+key+": "+yamlText(s.Value), s.Why)
	}
}

var notInName = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// name is a name for the gate, from that of the data.
func (d *Draft) name() string {
	base := filepath.Base(d.Input.Data.Path)
	base, _, _ = strings.Cut(base, ".")
	base = strings.Trim(notInName.ReplaceAllString(base, "-"), "-.")
	if base == "" {
		return "noworse"
	}
	return base
}

func (w *writer) head() {
	d := w.d
	w.comment(0, fmt.Sprintf("Written by noworse init from %s (%s). What has a reason beside it was guessed: read it once, and correct what is wrong.",
		filepath.Base(d.Input.Data.Path), plural(d.Input.Data.Rows, "row", "rows")))
	w.line("#", "")
	w.line("#   noworse check     exit code 0: no worse, 1: worse, 2: an error, 3: cannot tell", "")
	w.blank()
	w.line("version: 1", "")
	w.line("name: "+yamlText(d.name()), "")
	w.setting(0, "task", d.Task)
	w.blank()
}

func (w *writer) data() {
	d := w.d
	w.line("data:", "")
	w.line("  eval:", "fixed, labelled rows that no model was trained on")
	w.line("    path: "+w.relative(d.Input.Data.Path), "")
	for i, j := range d.Input.Joins {
		if i == 0 {
			w.line("    join:", "columns of other files, by a column that both have")
		}
		w.line("      - {path: "+w.relative(j.Path)+", id: "+yamlText(j.ID)+"}", "")
	}
	w.setting(4, "id", d.ID)
	w.setting(4, "label", d.Label)
	w.setting(4, "positive", d.Positive)
	w.setting(4, "weight", d.Weight)
	w.setting(4, "time", d.Time)
	w.setting(4, "group", d.Group)
	w.setting(4, "unlabelled", d.Unlabelled)
	for _, n := range d.Notes {
		w.comment(4, n+".")
	}
	w.blank()
}

func (w *writer) relative(path string) string { return yamlText(w.path(path)) }

func (w *writer) model(role string, m *Model, what string) {
	d := w.d
	if m == nil {
		if role == "baseline" && !d.Input.Plain {
			w.line("baseline:", "no predictions of a model in use now were given: what is accepted first is what later models are held to")
			w.line("  store: "+yamlText("baselines/"+d.name()), "noworse baseline accept keeps the candidate's answers here; until then noworse check ends with 3")
			w.blank()
		}
		return
	}
	if m.Why != "" {
		what += ": " + m.Why
	}
	w.line(role+":", what)
	w.line("  predictions:", "")
	if m.Path != "" {
		w.line("    path: "+w.relative(m.Path), "")
	}
	w.setting(4, "id", m.ID)
	w.setting(4, "label", m.Label)
	w.setting(4, "score", m.Score)
	for i, s := range m.Scores {
		if i == 0 {
			w.line("    scores:", "the probability of every class")
		}
		w.line("      "+yamlRaw(m.Classes[i])+": "+yamlText(s.Value), s.Why)
	}
	if m.Label.Value == "" && m.Score.Value != "" {
		w.line("  threshold: 0.5", "a score from here on is a yes")
	}
	w.blank()
}

// scored says whether all models give scores.
func (d *Draft) scored() bool {
	for _, m := range []*Model{d.Candidate, d.Baseline} {
		if m != nil && m.Score.Value == "" && len(m.Scores) == 0 {
			return false
		}
	}
	return d.Candidate != nil
}

func (w *writer) metrics() {
	d := w.d
	w.line("metrics:", "on all rows")
	if d.Task.Value == "regression" {
		w.line("  mae: {max_rise: 5%}", "the mean error may grow by a twentieth; a margin in the label's own unit is better")
		w.line("  r2: {max_drop: 0.02}", "the share of the label's variance that is explained")
		w.blank()
		return
	}
	usual := 0.02
	differ, how := w.facts.differ()
	if d.Input.Plain {
		differ = 0
	} else {
		w.power(usual, differ, how)
	}
	m := margin(usual, d.rows, differ)
	w.line("  accuracy: {max_drop: "+number(m)+"}", "")
	w.line("  f1_weighted: {max_drop: "+number(m)+"}", "")
	if d.rare() {
		w.line("  recall: {max_drop: "+number(margin(usual, d.positives, differ))+"}",
			fmt.Sprintf("of the positive rows: they are %.2g%% of all, so accuracy hardly sees them", 100*float64(d.positives)/float64(d.rows)))
	}
	if d.scored() {
		if d.Task.Value == "binary" {
			w.line("  roc_auc: {max_drop: 0.02}", "the order of the scores, whatever the threshold")
		}
		w.line("  high_confidence_error_rate: {max_rise: 0.005}", "wrong with over 90% confidence")
	}
	w.blank()
}

// rare says whether few rows are positive.
func (d *Draft) rare() bool {
	c := d.Input.Data.column(d.Label.Value)
	if d.Input.Plain || c == nil || d.Task.Value != "binary" || len(c.Values) != 2 || d.positives*5 > d.rows {
		return false
	}
	return c.Values[1].Text == d.Positive.Value
}

// power says what the rows can see, and does not promise more.
func (w *writer) power(usual, differ float64, how string) {
	n, see := w.d.rows, visible(w.d.rows, differ)
	text := fmt.Sprintf("What %s can see: %s two standard errors of the change in accuracy are %s", plural(n, "row", "rows"), how, points(see))
	if differ == 0 {
		text = fmt.Sprintf("What %s can see: these two models are right on the same rows, so nothing can be said of chance.", plural(n, "row", "rows"))
	}
	m := margin(usual, n, differ)
	switch {
	case differ == 0:
	case see > widestMargin:
		text += fmt.Sprintf(". That is too few to judge any margin by: %s would see %s.", plural(rowsToSee(usual, differ), "row", "rows"), points(usual))
	case m > usual:
		text += fmt.Sprintf(". A smaller margin than %s would be decided by chance; more rows allow one.", number(m))
	default:
		text += ", so the usual margin can be judged."
	}
	if need := proof(m); n < need {
		text += fmt.Sprintf(" That a drop is smaller than %s cannot be proven with under %s, even if no row changes.", number(m), plural(need, "row", "rows"))
	}
	w.comment(2, text)
}

func (w *writer) slices() {
	d := w.d
	if len(d.By)+len(d.Named) == 0 {
		return
	}
	w.line("slices:", "the same question for parts of the rows")
	w.line(fmt.Sprintf("  min_rows: %d", minRows), "smaller ones are skipped, and reported as skipped")
	if d.Task.Value == "regression" {
		w.line("  rules: {mae: {max_rise: 10%}}", "for every slice")
	} else {
		differ, _ := w.facts.differ()
		why := "for every slice"
		if !d.Input.Plain {
			why += fmt.Sprintf("; to see a drop of 3 points takes about %s", plural(rowsToSee(0.03, differ), "row", "rows"))
		}
		w.line("  rules: {accuracy: {max_drop: 0.03}}", why)
	}
	if len(d.Named) > 0 {
		w.line("  named:", "SQL conditions; they warn until you take `severity: warn` away")
		for _, s := range d.Named {
			w.line("    "+yamlRaw(s.Name)+": {where: "+yamlRaw(s.Where)+", severity: warn}", s.Why)
		}
	}
	if len(d.By) > 0 {
		w.line("  by:", "each value of a column; a failure only warns")
		for _, s := range d.By {
			w.line("    - "+columns(s.Columns), s.Why)
		}
	}
	if len(d.LeftOut) > 0 {
		w.comment(4, "Left out, since with every column a false alarm is likelier: "+quoteList(d.LeftOut, 30)+".")
	}
}

func columns(names []string) string {
	if len(names) == 1 {
		return yamlText(names[0])
	}
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = yamlText(n)
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// rowsToSee is the rows for which a drop is two standard errors.
func rowsToSee(drop, differ float64) uint64 {
	return uint64(4*differ/(drop*drop)) + 1
}
