// Package drift says how far a table has moved from a reference, from profiles of both:
//
//	Profile, Profile ─▶ Compare ─▶ Comparison of a column ─▶ Decide ─▶ which columns drifted
//
// One rule at every size: a column drifted where the difference is no chance, by a test
// that is adjusted over all columns, and larger than its limit. With a million rows
// chance alone explains next to nothing, and with a hundred a large difference may be
// chance.
package drift
