// Package demo is a small project to try noworse on: the loan applications of
// a lender, the recorded scores of the model it trusts and of the one that is
// to replace it, and a spec. All of it is invented.
//
// The new model is better overall. It is also clearly worse for one group, and
// for a reason that happens: it leans on personal income, and people who own
// a company pay themselves little or leave the field blank.
package demo

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed files
var written embed.FS

// File is one file of the project. Its name is a relative path with forward
// slashes.
type File struct {
	Name    string
	Content []byte
}

// Files are the files of the project: the same bytes at each call and on each
// machine.
func Files() ([]File, error) {
	var files []File
	for _, name := range []string{"noworse.yaml", "README.md"} {
		text, err := written.ReadFile("files/" + name)
		if err != nil {
			return nil, fmt.Errorf("demo: %w", err)
		}
		files = append(files, File{name, text})
	}
	return append(files, tables()...), nil
}

// tables draws the applicants and writes them and both models' scores.
func tables() []File {
	d := newDraw(seed)
	people := applicants(d)
	for i := range people {
		people[i].score(d)
	}
	return []File{
		{"data/eval.csv", evalCSV(people)},
		{"models/v41.csv", scoresCSV(people, d.order(len(people)), func(a applicant) float64 { return a.v41 })},
		{"models/v42.csv", scoresCSV(people, d.order(len(people)), func(a applicant) float64 { return a.v42 })},
	}
}

func evalCSV(people []applicant) []byte {
	var b strings.Builder
	b.WriteString("application_id,applied_at,age,sex,region,channel,tier,income,credit_score,employment_years,requested_amount,repaid\n")
	for _, a := range people {
		fmt.Fprintf(&b, "%s,%s,%d,%s,%s,%s,%s,%s,%d,%s,%d,%d\n",
			a.name(), a.date(), a.age, a.sex, a.region, a.channel, a.tier,
			orNothing(a.income), a.credit, orNothing(a.employed), a.amount, a.repaid)
	}
	return []byte(b.String())
}

// orNothing writes a number, and nothing for one that was not given.
func orNothing(n int) string {
	if n == blank {
		return ""
	}
	return fmt.Sprint(n)
}

// scoresCSV writes a model's scores in an order of its own, as a batch job
// would: they can only be paired with the applications by id.
func scoresCSV(people []applicant, order []int, score func(applicant) float64) []byte {
	var b strings.Builder
	b.WriteString("application_id,score\n")
	for _, i := range order {
		fmt.Fprintf(&b, "%s,%.5f\n", people[i].name(), score(people[i]))
	}
	return []byte(b.String())
}
