package guess

import (
	"slices"
	"strings"
	"unicode"
)

// words are the parts of a column's name in lower case: customerID and
// customer-id are both customer, id.
func words(name string) []string {
	var list []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			list = append(list, strings.ToLower(string(word)))
			word = nil
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1]) || unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			end()
		}
		word = append(word, r)
	}
	end()
	return list
}

// plainName is a name without case and signs: y_true for "Y true".
func plainName(name string) string { return strings.Join(words(name), "_") }

func set(list string) map[string]bool {
	s := map[string]bool{}
	for _, w := range strings.Fields(list) {
		s[w] = true
	}
	return s
}

// What columns with a role are called. A name is looked up as a whole or word
// by word.
var (
	labelNames = set("label labels target targets y class outcome y_true ytrue true_label truth ground_truth groundtruth actual actuals true_class true_value gold gold_label")
	labelWords = set("label target outcome truth actual groundtruth")
	// outcomes are what classifiers often predict.
	outcomes = set("churn churned default defaulted fraud fraudulent spam converted conversion clicked click survived approved repaid won cancelled canceled returned readmitted died diagnosis toxic")
	// amounts are what regressions often predict.
	amounts = set("price sales revenue demand cnt count tip tips rating duration")

	answerWords = set("pred preds prediction predictions predicted predict yhat hat answer answers decision guess forecast estimate estimated output")
	scoreWords  = set("score scores prob probs proba probability probabilities p p1 prob1 proba1 confidence risk likelihood")

	idNames   = set("id ids index idx key uuid guid rowid row_id row row_number pk unnamed_0 index_level_0")
	weights   = set("sample_weight row_weight case_weight instance_weight survey_weight weights")
	maybes    = set("weight exposure wt wgt fnlwgt")
	persons   = set("user customer patient client member person applicant driver borrower employee rider passenger")
	groups    = set("user customer patient client account session household group member person company")
	times     = set("timestamp time date datetime day created updated at ts")
	telling   = set("sex gender race ethnicity age marital nationality religion disability country region state city tier plan segment channel platform device language source category type product department site season status group band cat contract method")
	positives = set("yes y true t positive pos 1 fraud spam churn churned default bad toxic malignant sick")
	negatives = set("no n false f negative neg 0 none legit ham normal good benign healthy -1")

	candidateWords = set("new candidate cand challenger next canary b after proposed latest")
	baselineWords  = set("old baseline base champion current prod production previous prev a before existing")
)

func any1(list []string, of map[string]bool) bool {
	return slices.ContainsFunc(list, func(w string) bool { return of[w] })
}

// idRank says how much a name sounds like an id.
func idRank(name string) int {
	w := words(name)
	switch {
	case len(w) == 0:
		return 0
	case w[len(w)-1] == "id" || w[len(w)-1] == "uuid" || w[len(w)-1] == "guid":
		return 3
	case idNames[plainName(name)]:
		return 2
	case w[len(w)-1] == "key" || w[len(w)-1] == "number" || w[len(w)-1] == "no":
		return 1
	}
	return 0
}

// quoteList writes names for a sentence: at most so many.
func quoteList(names []string, most int) string {
	if len(names) > most {
		names = append(slices.Clone(names[:most]), "…")
	}
	return strings.Join(names, ", ")
}
