package spec

import "strings"

// Nearest returns the name that a misspelled one was probably meant to be, or
// "". One edit in three letters is allowed; more would be guessing.
func Nearest(wrong string, names []string) string {
	if len(wrong) > 64 {
		return ""
	}
	best, bestAt := "", 0
	for _, n := range names {
		d := edits([]rune(fold(wrong)), []rune(fold(n)))
		if d <= max(1, len(n)/3) && (best == "" || d < bestAt) {
			best, bestAt = n, d
		}
	}
	return best
}

// fold makes spellings alike that people mix up: case, hyphens, spaces.
func fold(s string) string {
	return strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(s))
}

// edits counts the insertions, deletions, substitutions and swaps of
// neighbours that turn a into b. A swap counts once, because that is how
// fingers err: "lable".
func edits(a, b []rune) int {
	before, above := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}

// didYouMean is the end of a message about an unknown name, or "".
func didYouMean(guess string) string {
	if guess == "" {
		return ""
	}
	return ": did you mean " + quote(guess) + "?"
}
