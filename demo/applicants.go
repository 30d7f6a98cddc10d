package demo

import (
	"fmt"
	"math"
	"time"
)

const (
	// seed is one of those under which chance makes no other slice look bad.
	seed = 321
	rows = 12_000
	days = 182 // from the first day of December to the end of May

	// blank stands for a field that the applicant did not fill in.
	blank = -1
)

// applicant is one application, what the lender does not see of it, and what
// the two models say of it.
type applicant struct {
	id, day          int
	age              int
	sex              string
	region, channel  string
	tier             string
	income, credit   int
	employed, amount int
	repaid           int
	means            float64 // what the loan is repaid from, in a year; the form need not show it
	v41, v42         float64 // the models' probabilities that it is repaid
}

var (
	sexes = []share{{"female", 48}, {"male", 52}}

	regions = []share{
		{"north", 21}, {"south", 18}, {"east", 16}, {"west", 14},
		{"central", 12}, {"coast", 9}, {"lakes", 6}, {"highlands", 4},
	}
	channels = []share{{"web", 40}, {"mobile", 33}, {"branch", 20}, {"partner", 7}}
	tiers    = []share{{"free", 47}, {"plus", 30}, {"business", 15}, {"enterprise", 8}}
)

func applicants(d draw) []applicant {
	people := make([]applicant, rows)
	for i := range people {
		people[i] = newApplicant(d, i)
	}
	return people
}

func newApplicant(d draw, i int) applicant {
	a := applicant{
		id:      101 + i,
		day:     i * days / rows,
		age:     21 + d.below(25) + d.below(25),
		sex:     d.pick(sexes),
		region:  d.pick(regions),
		channel: d.pick(channels),
		tier:    d.pick(tiers),
		credit:  between(300, 850, int(math.Round(672+68*d.normal()))),
	}
	a.employed = a.yearsEmployed(d)
	a.means, a.income = a.earnings(d)
	a.amount = a.request(d)
	if d.chance(logistic(a.truth())) {
		a.repaid = 1
	}
	return a
}

// name is the key of the application.
func (a applicant) name() string { return fmt.Sprintf("A-%06d", a.id) }

func (a applicant) date() string {
	first := time.Date(2025, time.December, 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, a.day).Format(time.DateOnly)
}

// yearsEmployed is at most the years since the age of 18, and most often far
// less. One applicant in twenty leaves it blank.
func (a applicant) yearsEmployed(d draw) int {
	if d.chance(0.05) {
		return blank
	}
	most := a.age - 18
	return min(d.below(most+1), d.below(most+1))
}

// earnings are what an applicant lives on and the income on the form. They are
// the same but on the enterprise tier: who owns a company lives on the
// company, and the form has the salary that the owner draws, which says little
// of it, or has nothing.
func (a applicant) earnings(d draw) (means float64, income int) {
	means = math.Round(38_000 * math.Exp(grid(0.5*d.normal())))
	income = hundreds(means)
	missing := 0.02
	if a.tier == "enterprise" {
		income = hundreds(20_500 * math.Exp(grid(0.45*d.normal())))
		missing = 0.18
	}
	if d.chance(missing) {
		income = blank
	}
	return means, income
}

// request is the amount applied for: some part of a year's means.
func (a applicant) request(d draw) int {
	return between(1_000, 90_000, hundreds(0.38*a.means*math.Exp(grid(0.55*d.normal()))))
}

func hundreds(x float64) int { return 100 * int(math.Round(x/100)) }

func between(low, high, n int) int { return min(max(n, low), high) }
